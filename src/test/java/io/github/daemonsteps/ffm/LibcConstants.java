package io.github.daemonsteps.ffm;

import java.lang.reflect.Method;
import java.util.Map;
import java.util.TreeMap;

/** Reads the constants of a generated binding. */
public final class LibcConstants {

    private LibcConstants() {
    }

    /** Returns the constants of a class {@code Libc}, by name. */
    public static Map<String, Long> of(Class<?> libc) throws ReflectiveOperationException {
        Map<String, Long> constants = new TreeMap<>();
        for (Method constant : libc.getDeclaredMethods()) {
            constants.put(constant.getName(), ((Number) constant.invoke(null)).longValue());
        }
        return constants;
    }
}
