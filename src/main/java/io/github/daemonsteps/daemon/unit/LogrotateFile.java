package io.github.daemonsteps.daemon.unit;

import io.github.daemonsteps.daemon.config.DaemonConfig;
import io.github.daemonsteps.daemon.config.FileChoice;
import io.github.daemonsteps.daemon.files.FileRefusedException;
import io.github.daemonsteps.daemon.files.LogFile;
import io.github.daemonsteps.daemon.files.PathChecker;
import io.github.daemonsteps.daemon.files.TrustedOwners;
import io.github.daemonsteps.ffm.NativePosix;
import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.FileMode;
import io.github.daemonsteps.posix.FileStatus;
import io.github.daemonsteps.posix.PosixException;
import io.github.daemonsteps.process.Environment;
import io.github.daemonsteps.process.Program;
import io.github.daemonsteps.process.UserIdentity;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The configuration by which logrotate(8) rotates a daemon's logs.
 *
 * <p>An application of this library reopens its logs on a reload. Another program keeps the descriptor that
 * the start has opened. Its log is copied and truncated. Since the log is opened to append, the next line is
 * at its new end.
 */
public final class LogrotateFile {

    /** Octal; the mode of a new log, see {@code StreamTarget}, less the umask. */
    private static final int MODE = 0640;

    private static final FileMode WRITABLE_FOR_GROUP = FileMode.of(020);

    private static final Pattern END_OF_SCRIPT = Pattern.compile("(?m)^\\s*endscript\\b");

    private final DaemonConfig config;
    private final @Nullable Program reload;
    private final NativePosix posix;

    /** The daemon's user. */
    private final UserIdentity identity;
    private final ConfigText text = new ConfigText();

    private LogrotateFile(DaemonConfig config, @Nullable Program reload) {
        this.config = config;
        this.reload = reload;
        this.posix = config.posix();
        UserIdentity own = config.identity();
        this.identity = own == null ? userOfThisProcess(posix) : own;
    }

    /**
     * Returns the configuration for the logs of a daemon.
     *
     * @param reload the command that reloads the daemon; null for a program that does not reopen its log
     * @throws IllegalStateException if the daemon has no log that can be rotated
     * @throws IllegalArgumentException if a path cannot be written in the configuration
     */
    public static CString of(DaemonConfig config, @Nullable Program reload) {
        return new LogrotateFile(config, reload).of();
    }

    private static UserIdentity userOfThisProcess(NativePosix posix) {
        return UserIdentity.of(posix.getuid() + ":" + posix.getgid());
    }

    private CString of() {
        List<CString> logs = logs();
        List<CString> ofRoot = new ArrayList<>();
        List<CString> ofUser = new ArrayList<>();
        for (CString log : logs) {
            (isDirectoryOfRoot(log) ? ofRoot : ofUser).add(log);
        }
        // logrotate ignores names that end as those of copies do, such as web.bak.
        text.line("# Save as /etc/logrotate.d/"
                + UnitName.service(config.name()).replaceFirst("\\.service$", "").replace('.', '-'));
        if (!ofRoot.isEmpty()) {
            addBlock(ofRoot, false);
        }
        if (!ofUser.isEmpty()) {
            addBlock(ofUser, true);
        }
        return text.text();
    }

    private List<CString> logs() {
        List<CString> logs = new ArrayList<>();
        for (CString log : List.of(config.log(), config.errorLog())) {
            if (!new LogFile(log).isDevice() && !logs.contains(log)) {
                logs.add(log);
            }
        }
        if (logs.isEmpty()) {
            throw new IllegalStateException("log " + config.log().quoted()
                    + ": not a file that can be rotated; "
                    + new FileChoice(config.isApplication()).otherLog());
        }
        return logs;
    }

    /**
     * Returns whether only root can change the directory of a log, and where its path leads. In another
     * directory logrotate must act as the daemon's user: otherwise another user could redirect the files that
     * root creates.
     */
    private boolean isDirectoryOfRoot(CString log) {
        Optional<FileStatus> directory = posix.tryStat(log.parent());
        if (directory.isEmpty()) {
            return identity.uid() == 0; // a start creates the directory of a default file
        }
        TrustedOwners root = TrustedOwners.root(posix);
        try {
            new PathChecker("log", log, root, root).walk(posix);
        } catch (FileRefusedException | PosixException e) {
            return false;
        }
        FileStatus status = directory.get();
        boolean isForGroup = status.permissions().hasAnyOf(WRITABLE_FOR_GROUP) && status.gid() != 0;
        return status.uid() == 0 && !isForGroup && !PathChecker.isWritableByAll(status);
    }

    private void addBlock(List<CString> logs, boolean asUser) {
        String user = UserNames.user(identity) + " " + UserNames.group(identity);
        if (asUser && config.user() != null) {
            text.line("# logrotate acts as this user. A start by root creates the log as root: give it to the"
                    + " user");
            text.line("# with chown(1), before the first rotation.");
        }
        for (CString log : logs.subList(0, logs.size() - 1)) {
            text.line(quoted(log));
        }
        text.line(quoted(logs.getLast()).plus(CString.of(" {")));
        List<String> directives = new ArrayList<>(List.of("weekly", "rotate 8", "missingok", "notifempty",
                "compress", "delaycompress"));
        if (asUser) {
            directives.add("su " + user);
        }
        if (reload == null) {
            directives.add("# The program keeps its log open. Lines that it writes between the copy and the"
                    + " truncation are lost.");
            directives.add("copytruncate");
        } else {
            String mode = FileMode.of(MODE & ~config.umask().bits()).toString();
            directives.add("create " + mode + (config.user() == null ? "" : " " + user));
            directives.add("sharedscripts");
        }
        for (String directive : directives) {
            text.line("    " + directive);
        }
        if (reload != null) {
            addScript(reload, asUser);
        }
        text.line("}");
    }

    /** Exit status 7 of a reload means that the daemon does not run by a start. Its unit may run. */
    private void addScript(Program program, boolean asUser) {
        if (asUser && config.user() != null && config.ownPidFile() == null && identity.uid() != 0) {
            throw new IllegalStateException("log " + config.log().quoted() + ": user "
                    + UserNames.user(identity)
                    + " rotates it, and does not find the default pid file of root; "
                    + new FileChoice(config.isApplication()).otherPidFile());
        }
        List<CString> words = new ArrayList<>(List.of(CString.of("/usr/bin/env")));
        List<CString> variables = new ArrayList<>(new Environment(program.environment()).ofJvm());
        if (config.ownPidFile() == null && identity.uid() != 0) {
            variables.add(CString.of("HOME=").plus(home(program)));
        }
        words.addAll(variables);
        if (variables.isEmpty()) {
            words.clear();
        } else if (program.path().indexOf('=') >= 0) {
            throw new IllegalArgumentException("program " + program.path().quoted()
                    + ": env(1) takes it for a variable; choose a path without an equals sign");
        }
        words.add(program.path());
        words.addAll(program.arguments().subList(1, program.arguments().size()));
        CString command = ShellQuoting.command(words);
        if (END_OF_SCRIPT.matcher(command.toString()).find()) {
            throw new IllegalArgumentException("command " + command.quoted()
                    + ": has a line that begins with endscript, which ends a script of logrotate; remove that"
                    + " line");
        }
        String unit = "'" + UnitName.service(config.name()) + "'";
        text.line("    postrotate");
        text.line(CString.of("        ").plus(command).plus(CString.of(" >/dev/null")));
        text.line("        status=$?");
        text.line("        [ $status -ne 7 ] || {");
        text.line("            # start has not started the daemon. systemd may run its unit.");
        text.line("            status=0");
        text.line("            ! systemctl --quiet is-active " + unit + " 2>/dev/null || systemctl reload "
                + unit + " || status=$?");
        text.line("        }");
        text.line("        exit $status");
        text.line("    endscript");
    }

    private CString home(Program program) {
        return new Environment(program.environment()).get("HOME").filter(CString::isAbsolutePath)
                .orElse(identity.home());
    }

    /**
     * Returns a path as logrotate reads it: within quotes, and as a pattern of glob(7). Its reader looks for
     * braces before it looks for quotes.
     */
    private static CString quoted(CString path) {
        if (path.indexOf('{') >= 0 || path.indexOf('}') >= 0) {
            throw new IllegalArgumentException(
                    "log " + path.quoted() + ": logrotate does not accept braces; choose another path");
        }
        var quoted = new ByteArrayOutputStream();
        quoted.write('"');
        for (byte b : path.bytes()) {
            if ("\\*?[\"".indexOf(b) >= 0) {
                quoted.write('\\');
            }
            quoted.write(b);
        }
        quoted.write('"');
        return CString.ofBytes(quoted.toByteArray());
    }
}
