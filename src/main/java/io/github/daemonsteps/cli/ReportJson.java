package io.github.daemonsteps.cli;

import static io.github.daemonsteps.text.Json.array;
import static io.github.daemonsteps.text.Json.object;
import static io.github.daemonsteps.text.Json.string;

import io.github.daemonsteps.posix.Errno;
import io.github.daemonsteps.posix.PosixCall;
import io.github.daemonsteps.process.ProcessState;
import io.github.daemonsteps.steps.StepOutcome;
import io.github.daemonsteps.steps.StepReport;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/** Reports as JSON. An unknown value is null. */
final class ReportJson {

    private ReportJson() {
    }

    static String report(StepReport report) {
        List<String> members = new ArrayList<>(List.of("step", string(report.step().name())));
        switch (report.outcome()) {
            case StepOutcome.Done _ -> members.addAll(List.of("outcome", string("DONE")));
            case StepOutcome.Skipped skipped ->
                members.addAll(List.of("outcome", string("SKIPPED"), "reason", string(skipped.why())));
            case StepOutcome.Failed failed ->
                members.addAll(List.of("outcome", string("FAILED"), "reason", string(failed.toString())));
        }
        members.addAll(
                List.of("calls", array(report.calls().stream().map(ReportJson::call).toList(), false),
                        "before",
                        state(report.before()), "after", state(report.after())));
        return object(members.toArray(String[]::new));
    }

    private static String call(PosixCall call) {
        Errno errno = call.errno();
        return object("call", string(call.text()), "result", string(call.result()), "errno",
                errno == null ? "null" : string(errno.name()));
    }

    private static String state(ProcessState state) {
        return object("pid", number(state.pid()), "ppid", number(state.ppid()), "pgid", number(state.pgid()),
                "sid",
                number(state.sid()), "tty", string(state.tty()), "cwd", string(state.cwd()), "umask",
                state.umask() == null ? "null" : string(state.umask().toString()), "fds", fds(state.fds()),
                "uid",
                number(state.uid()), "gid", number(state.gid()));
    }

    private static String fds(@Nullable SortedMap<Integer, String> fds) {
        if (fds == null) {
            return "null";
        }
        List<String> members = new ArrayList<>();
        fds.forEach((fd, link) -> {
            members.add(fd.toString());
            members.add(string(link));
        });
        return object(members.toArray(String[]::new));
    }

    private static String number(@Nullable Number number) {
        return number == null ? "null" : number.toString();
    }
}
