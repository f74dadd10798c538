package io.github.daemonsteps.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daemonsteps.daemon.StartWithFaults.Kind;
import io.github.daemonsteps.daemon.StartWithFaults.Recorded;
import io.github.daemonsteps.relay.Faults.Effect;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every call that a start makes, each with its likely faults: the start fails and says of what, or it succeeds in spite of it,
 * which only some may; and nothing is left in the end. The calls are those of a start that is recorded here, so that none
 * can be forgotten.
 */
class FaultMatrixIT {

    /** Of a function that is called more often the calls take turns: the faults of one are those of the next. */
    private static final int FEW = 8;

    @TempDir
    private Path directory;

    private final LikelyFaults likely = new LikelyFaults();
    private final Tolerated tolerated = new Tolerated();
    private int cells;
    private int failed;
    private int succeeded;

    @TestFactory
    Stream<DynamicTest> a_start_that_gets_ready_by_running() throws IOException {
        return tests(Kind.RUNNING, false);
    }

    @TestFactory
    Stream<DynamicTest> a_start_that_gets_ready_by_a_newline() throws IOException {
        return tests(Kind.NEWLINE, false);
    }

    @TestFactory
    Stream<DynamicTest> a_start_that_is_told_that_it_is_ready() throws IOException {
        return tests(Kind.TOLD, false);
    }

    @TestFactory
    Stream<DynamicTest> a_start_whose_program_ends() throws IOException {
        return tests(Kind.ENDING, false);
    }

    @Tag("stress")
    @TestFactory
    Stream<DynamicTest> every_fault_of_every_call_of_a_start_that_gets_ready_by_running() throws IOException {
        return tests(Kind.RUNNING, true);
    }

    @Tag("stress")
    @TestFactory
    Stream<DynamicTest> every_fault_of_every_call_of_a_start_that_gets_ready_by_a_newline()
            throws IOException {
        return tests(Kind.NEWLINE, true);
    }

    @Tag("stress")
    @TestFactory
    Stream<DynamicTest> every_fault_of_every_call_of_a_start_that_is_told_that_it_is_ready()
            throws IOException {
        return tests(Kind.TOLD, true);
    }

    @Tag("stress")
    @TestFactory
    Stream<DynamicTest> every_fault_of_every_call_of_a_start_whose_program_ends() throws IOException {
        return tests(Kind.ENDING, true);
    }

    private Stream<DynamicTest> tests(Kind kind, boolean each) throws IOException {
        var start = new StartWithFaults(kind, Files.createDirectory(directory.resolve("d")));
        start.record(); // what is loaded and linked at the first time makes calls of its own
        List<Recorded> calls = start.record();
        Map<String, List<Recorded>> functions = new LinkedHashMap<>();
        for (Recorded call : calls) {
            functions
                    .computeIfAbsent(call.call().where() + " " + call.call().function(),
                            _ -> new ArrayList<>())
                    .add(call);
        }
        Stream<DynamicTest> tests = functions.entrySet().stream().map(function -> DynamicTest
                .dynamicTest(function.getKey(), () -> check(start, function.getValue(), each)));
        DynamicTest figures = DynamicTest.dynamicTest("the figures", () -> {
            assertThat(cells).isGreaterThanOrEqualTo(calls.size());
            System.out.println(
                    "matrix, " + kind + ": " + calls.size() + " calls, " + cells + " cells, " + failed
                            + " failed as they should, " + succeeded + " tolerated");
        });
        return Stream.concat(tests, Stream.of(figures));
    }

    private void check(StartWithFaults start, List<Recorded> calls, boolean each) throws Exception {
        List<String> wrong = new ArrayList<>();
        for (int i = 0; i < calls.size(); i++) {
            Recorded call = calls.get(i);
            List<Effect> effects = likely.of(call.call());
            boolean all = each || calls.size() <= FEW;
            for (Effect effect : all ? effects : List.of(effects.get(i % effects.size()))) {
                check(start, call, effect, wrong);
            }
        }
        assertThat(wrong).isEmpty();
    }

    private void check(StartWithFaults start, Recorded call, Effect effect, List<String> wrong)
            throws Exception {
        var faulty = new FaultyStart(start, call.call(), effect);
        List<String> found = faulty.run(call.step());
        if (faulty.hasOnlyLostDescriptors()) { // a start loses it again, another thread does not
            faulty = new FaultyStart(start, call.call(), effect);
            found = faulty.run(call.step());
        }
        wrong.addAll(found);
        cells++;
        if (faulty.hasStarted()) {
            succeeded++;
            if (tolerated.reason(call.call(), effect).isEmpty()) {
                wrong.add(faulty + " should not succeed");
            }
        } else {
            failed++;
            if (Tolerated.isMadeAgain(call.call(), effect) && start.kind() != Kind.ENDING) {
                wrong.add(faulty + " is not made again");
            }
        }
    }
}
