package io.github.daemonsteps.text;

import java.lang.module.ModuleDescriptor;
import java.util.Optional;

/** The version of a program, determined from one of its classes. */
public final class CodeVersion {

    private CodeVersion() {
    }

    /**
     * Returns the program's name and version in one line. The version is that of the class's module, or else
     * the {@code Implementation-Version} in the manifest of its jar. If both lack a version, the line says
     * so.
     */
    public static String line(String name, Class<?> type) {
        return ofModule(type).or(() -> ofManifest(type)).map(version -> name + " " + version)
                .orElse(name + ": unknown version: neither its module nor the manifest of its jar has one");
    }

    private static Optional<String> ofModule(Class<?> type) {
        return Optional.ofNullable(type.getModule().getDescriptor()).flatMap(ModuleDescriptor::rawVersion);
    }

    private static Optional<String> ofManifest(Class<?> type) {
        return Optional.ofNullable(type.getPackage()).map(Package::getImplementationVersion);
    }
}
