package io.github.daemonsteps.daemon.unit;

import io.github.daemonsteps.posix.CString;
import java.util.ArrayList;
import java.util.List;

/**
 * The settings that keep a service away from the rest of the system; see "Sandboxing" in systemd.exec(5).
 *
 * @param paths everything in which a path of the service may occur: its program, arguments, variables and
 *        directory
 * @param writable the directories that the service writes to
 * @param isForUser whether the service has a user other than root
 */
record Sandbox(List<CString> paths, List<CString> writable, boolean isForUser) {

    /** The directories that {@code ProtectHome=} hides, whatever the machine. */
    private static final List<String> HOMES = List.of("/home/", "/root/", "/run/user/");
    /** The directories that {@code PrivateTmp=} replaces. */
    private static final List<String> TEMPORARY = List.of("/tmp/", "/var/tmp/");

    private static final List<String> SETTINGS = List.of("ProtectKernelTunables=yes",
            "ProtectKernelModules=yes", "ProtectKernelLogs=yes", "ProtectControlGroups=yes",
            "ProtectClock=yes", "ProtectHostname=yes", "RestrictSUIDSGID=yes", "RestrictRealtime=yes",
            "RestrictNamespaces=yes", "LockPersonality=yes", "SystemCallArchitectures=native");

    Sandbox {
        paths = List.copyOf(paths);
        writable = List.copyOf(writable);
    }

    void addTo(ConfigText text) {
        text.line("# The file system is read-only, except for the directories of ReadWritePaths= and the"
                + " like.");
        text.line("ProtectSystem=strict");
        if (writable.isEmpty()) {
            text.line("# ReadWritePaths=/srv/data");
        }
        for (CString directory : writable) {
            text.setting("ReadWritePaths", UnitQuoting.pathWord("directory", directory));
        }
        if (isUsed(HOMES)) {
            text.line("# \"yes\" would hide a path of the command line below a home directory.");
            text.line("ProtectHome=read-only");
        } else {
            text.line("ProtectHome=yes");
        }
        if (isUsed(TEMPORARY)) {
            text.line("# \"yes\" would hide a path of the command line below /tmp.");
            text.line("PrivateTmp=no");
        } else {
            text.line("PrivateTmp=yes");
        }
        text.line("NoNewPrivileges=yes");
        for (String setting : SETTINGS) {
            text.line(setting);
        }
        if (isForUser) {
            text.line("CapabilityBoundingSet=");
        } else {
            text.line("# CapabilityBoundingSet= can list the capabilities that the program needs.");
        }
        text.line("# MemoryDenyWriteExecute=yes would end a JVM, whose compiler writes code and executes"
                + " it.");
    }

    private boolean isUsed(List<String> directories) {
        List<String> texts = new ArrayList<>();
        for (CString path : paths) {
            texts.add(path + "/");
        }
        return directories.stream().anyMatch(
                directory -> texts.stream().anyMatch(text -> text.matches("(?s)(|.*[^\\w.-])" + directory
                        + ".*")));
    }
}
