package io.github.daemonsteps.cli;

import io.github.daemonsteps.DaemonSteps;
import io.github.daemonsteps.DaemonSteps.PlannedStep;
import io.github.daemonsteps.posix.FileMode;
import io.github.daemonsteps.process.ProcessState;
import io.github.daemonsteps.steps.StepName;
import io.github.daemonsteps.steps.StepOutcome;
import io.github.daemonsteps.steps.StepReport;
import io.github.daemonsteps.text.TerminalSafe;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * The form of reports for people: a block for each step, at most 100 columns wide, in colour on a terminal.
 */
final class StepPrinter {

    private static final int WIDTH = 100;
    private static final String INDENT = "    ";

    /** The classic steps. Only these are shown with a number. */
    private static final List<StepName> SEVEN = List.of(StepName.FORK, StepName.SETSID, StepName.FORK_AGAIN,
            StepName.CHDIR, StepName.UMASK, StepName.CLOSE, StepName.REOPEN);

    private final PrintStream out;
    private final boolean colour;
    private final Map<StepName, PlannedStep> plan = new HashMap<>();
    private @Nullable ProcessState launcher;

    /**
     * @param out the stream to print to
     * @param plan the steps that are printed later, for their descriptions
     */
    StepPrinter(PrintStream out, List<PlannedStep> plan) {
        this.out = out;
        PlannedStep exec = DaemonSteps.plannedExec(); // a plan does not contain EXEC: it has no program
        this.plan.put(exec.step(), exec);
        plan.forEach(step -> this.plan.put(step.step(), step));
        this.colour =
                Tty.isOn(1) && System.getenv("NO_COLOR") == null
                        && !"dumb".equals(System.getenv("TERM"));
    }

    /** Prints a step that would be taken. */
    void show(PlannedStep step) {
        title(step.step());
        step.calls().forEach(call -> line(INDENT, call));
        out.println();
    }

    /** Prints a step that was taken. */
    void show(StepReport report) {
        if (report.step().equals(StepName.FORK)) {
            launcher = report.before();
        }
        title(report.step());
        repeated(report).forEach(call -> line(INDENT, call));
        switch (report.outcome()) {
            case StepOutcome.Done done ->
                line(INDENT, coloured("32", "done: ") + TerminalSafe.of(done.note()));
            case StepOutcome.Skipped skipped ->
                line(INDENT, coloured("33", "skipped: ") + TerminalSafe.of(skipped.why()));
            case StepOutcome.Failed failed ->
                line(INDENT, coloured("31", "failed: ") + TerminalSafe.of(failed.toString()));
        }
        changes(report.before(), report.after());
        tree(report.after());
        out.println();
    }

    private void title(StepName step) {
        int number = SEVEN.indexOf(step) + 1;
        PlannedStep planned = plan.get(step);
        String description = planned == null ? "" : planned.description();
        line("", (number == 0 ? "-" : number) + " " + coloured("1", pad(step.name(), 13)) + " "
                + description);
        if (planned != null) {
            line(" ".repeat(16), planned.rationale());
        }
    }

    /**
     * Returns the calls. Of many similar calls in succession, such as sixty calls of signal, the first is
     * shown and the rest counted.
     */
    private static List<String> repeated(StepReport report) {
        List<String> lines = new ArrayList<>();
        String function = "";
        int more = 0;
        for (var call : report.calls()) {
            if (call.function().equals(function) && call.function().equals("signal")) {
                more++;
                continue;
            }
            if (more > 0) {
                lines.add("... and " + more + " times more " + function);
            }
            more = 0;
            function = call.function();
            lines.add(call.toString());
        }
        if (more > 0) {
            lines.add("... and " + more + " times more " + function);
        }
        return lines;
    }

    private void changes(ProcessState before, ProcessState after) {
        change("pid", before.pid(), after.pid());
        change("ppid", before.ppid(), after.ppid());
        change("pgid", before.pgid(), after.pgid());
        change("sid", before.sid(), after.sid());
        change("tty", before.tty() == null ? "none" : before.tty(),
                after.tty() == null ? "none" : after.tty());
        change("cwd", before.cwd(), after.cwd());
        FileMode was = before.umask();
        FileMode is = after.umask();
        change("umask", was, is);
        SortedMap<Integer, String> held = before.fds();
        SortedMap<Integer, String> holds = after.fds();
        if (held != null && holds != null && !held.equals(holds)) {
            line(INDENT, pad("fds", 5) + " " + held.size() + " open -> " + open(holds));
        }
    }

    private void change(String name, @Nullable Object before, @Nullable Object after) {
        if (!Objects.equals(before, after) && after != null) {
            line(INDENT,
                    pad(name, 5) + " " + TerminalSafe.of(String.valueOf(before)) + " -> "
                            + TerminalSafe.of(after.toString()));
        }
    }

    private static String open(SortedMap<Integer, String> fds) {
        var text = new StringBuilder(fds.size() + " open:");
        int shown = 0;
        for (Map.Entry<Integer, String> fd : fds.entrySet()) {
            if (shown++ == 4) {
                return text.append(" ...").toString();
            }
            text.append(' ').append(fd.getKey()).append(" ").append(TerminalSafe.of(fd.getValue()))
                    .append(shown == fds.size() ? "" : ",");
        }
        return text.toString();
    }

    /** Prints session &gt; group &gt; process, of the launcher and of the process that takes the steps. */
    private void tree(ProcessState process) {
        ProcessState parent = launcher;
        if (parent == null || process.sid() == null) {
            return;
        }
        session(parent);
        member(parent, "the launcher");
        if (!process.sid().equals(parent.sid())) {
            session(process);
        } else if (!Objects.equals(process.pgid(), parent.pgid())) {
            line(INDENT, "  > Group " + process.pgid());
        }
        member(process, role(process));
    }

    private void session(ProcessState process) {
        String terminal = process.tty() == null ? "no terminal" : TerminalSafe.of(process.tty());
        line(INDENT, "Session " + process.sid() + " (" + terminal + ")");
        line(INDENT, "  > Group " + process.pgid());
    }

    private void member(ProcessState process, String role) {
        line(INDENT, "    > Process " + coloured("1", Integer.toString(process.pid())) + " " + role);
    }

    private static String role(ProcessState process) {
        if (process.isSessionLeader()) {
            return "leads session and group";
        }
        return process.isGroupLeader() ? "leads the group" : "neither session nor group leader";
    }

    private static String pad(String text, int width) {
        return text + " ".repeat(Math.max(0, width - text.length()));
    }

    private String coloured(String code, String text) {
        return colour ? "\u001b[" + code + "m" + text + "\u001b[0m" : text;
    }

    /**
     * Prints a text. The part that does not fit on a line follows on more lines after the indentation. Escape
     * sequences take no columns.
     */
    private void line(String indent, String text) {
        String rest = text;
        String lead = indent;
        while (columns(lead + rest) > WIDTH) {
            int fit = WIDTH - lead.length() + (rest.length() - columns(rest));
            int blank = rest.lastIndexOf(' ', fit);
            int end = blank > fit / 2 ? blank : fit;
            out.println(lead + rest.substring(0, end));
            rest = rest.substring(end).stripLeading();
            lead = indent + INDENT;
        }
        out.println(lead + rest);
    }

    private static int columns(String text) {
        int columns = 0;
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) == '\u001b') {
                i = text.indexOf('m', i);
            } else {
                columns++;
            }
        }
        return columns;
    }
}
