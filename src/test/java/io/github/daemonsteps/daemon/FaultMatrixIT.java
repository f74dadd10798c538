package io.github.daemonsteps.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daemonsteps.daemon.StartWithFaults.Kind;
import io.github.daemonsteps.daemon.StartWithFaults.Recorded;
import io.github.daemonsteps.posix.CallInterceptor.Effect;
import io.github.daemonsteps.posix.CallInterceptor.Place;
import io.github.daemonsteps.steps.StepName;
import io.github.daemonsteps.testkit.Faults;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Each call of a start gets each of its likely faults. The start must fail and name the call, or, if the fault is tolerated, succeed. In
 * both cases nothing may be left in the end. The calls are those of recorded starts, so a new call cannot be forgotten.
 */
class FaultMatrixIT {

    /** If a start calls a function more often, its calls take turns: each gets one of the faults. */
    private static final int FEW = 8;

    @TempDir
    private static Path directory;

    /** The kinds of start that make a call. The faults of the call take turns among them. */
    private static final Map<Position, List<Kind>> CALLERS = new LinkedHashMap<>();

    private static final Set<Kind> TRIED = EnumSet.noneOf(Kind.class);
    private static int total;

    private final ToleratedFaults tolerated = new ToleratedFaults();
    private int cells;
    private int failed;
    private int succeeded;

    /**
     * The position of a call, which is the same in all kinds of start.
     *
     * @param place the process
     * @param function the function
     * @param step the step, or the last step before a call that no step makes
     * @param ordinal the number of calls of the function there before
     */
    private record Position(Place place, String function, @Nullable StepName step, int ordinal) {}

    /**
     * A call and its position.
     *
     * @param recorded the call
     * @param position the position
     */
    private record PositionedCall(Recorded recorded, Position position) {

        boolean isOfSameFunction(PositionedCall other) {
            return position.place() == other.position.place()
                    && position.function().equals(other.position.function());
        }
    }

    private static List<PositionedCall> positioned(List<Recorded> calls) {
        Map<Position, Integer> counts = new LinkedHashMap<>();
        List<PositionedCall> positioned = new ArrayList<>();
        StepName step = null;
        for (Recorded call : calls) {
            step = call.step() == null ? step : call.step();
            var first = new Position(call.call().place(), call.call().function(), step, 0);
            int ordinal = counts.merge(first, 1, Integer::sum) - 1;
            positioned.add(
                    new PositionedCall(call, new Position(first.place(), first.function(), step, ordinal)));
        }
        return positioned;
    }

    @BeforeAll
    static void record() throws IOException {
        for (Kind kind : Kind.values()) {
            StartWithFaults start = start(kind);
            start.record(); // the first start makes more calls: it loads classes and links functions
            positioned(start.record()).forEach(
                    call -> CALLERS.computeIfAbsent(call.position(), _ -> new ArrayList<>()).add(kind));
        }
    }

    @AfterAll
    static void each_call_has_had_a_fault() {
        if (TRIED.size() == Kind.values().length) {
            System.out.println("matrix: " + CALLERS.size() + " different calls, " + total + " cells");
            assertThat(total).isGreaterThanOrEqualTo(CALLERS.size());
        }
    }

    private static StartWithFaults start(Kind kind) throws IOException {
        return new StartWithFaults(kind, Files.createDirectories(directory.resolve(kind.name())));
    }

    @TestFactory
    Stream<DynamicTest> start_ready_by_running_fails_or_tolerates_each_fault() throws IOException {
        return tests(Kind.RUNNING, false);
    }

    @TestFactory
    Stream<DynamicTest> start_ready_by_newline_fails_or_tolerates_each_fault() throws IOException {
        return tests(Kind.NEWLINE, false);
    }

    @TestFactory
    Stream<DynamicTest> start_ready_by_handshake_fails_or_tolerates_each_fault() throws IOException {
        return tests(Kind.TOLD, false);
    }

    @TestFactory
    Stream<DynamicTest> start_with_sockets_fails_or_tolerates_each_fault() throws IOException {
        return tests(Kind.LISTENING, false);
    }

    @TestFactory
    Stream<DynamicTest> start_of_exiting_program_fails_at_each_fault() throws IOException {
        return tests(Kind.ENDING, false);
    }

    @Tag("stress")
    @TestFactory
    Stream<DynamicTest> start_ready_by_running_fails_or_tolerates_every_fault() throws IOException {
        return tests(Kind.RUNNING, true);
    }

    @Tag("stress")
    @TestFactory
    Stream<DynamicTest> start_ready_by_newline_fails_or_tolerates_every_fault()
            throws IOException {
        return tests(Kind.NEWLINE, true);
    }

    @Tag("stress")
    @TestFactory
    Stream<DynamicTest> start_ready_by_handshake_fails_or_tolerates_every_fault()
            throws IOException {
        return tests(Kind.TOLD, true);
    }

    @Tag("stress")
    @TestFactory
    Stream<DynamicTest> start_with_sockets_fails_or_tolerates_every_fault() throws IOException {
        return tests(Kind.LISTENING, true);
    }

    @Tag("stress")
    @TestFactory
    Stream<DynamicTest> start_of_exiting_program_fails_at_every_fault() throws IOException {
        return tests(Kind.ENDING, true);
    }

    private Stream<DynamicTest> tests(Kind kind, boolean each) throws IOException {
        StartWithFaults start = start(kind);
        // A JVM opens and closes files of its own, and a start makes its calls around their descriptors.
        List<PositionedCall> calls = positioned(start.record());
        Map<String, List<PositionedCall>> functions = new LinkedHashMap<>();
        for (PositionedCall call : calls) {
            functions
                    .computeIfAbsent(call.position().place() + " " + call.position().function(),
                            _ -> new ArrayList<>())
                    .add(call);
        }
        Stream<DynamicTest> tests = functions.entrySet().stream().map(function -> DynamicTest
                .dynamicTest(function.getKey(), () -> check(start, function.getValue(), each)));
        DynamicTest figures = DynamicTest.dynamicTest("the figures", () -> {
            assertThat(cells).isGreaterThanOrEqualTo(each ? calls.size() : 1);
            TRIED.add(kind);
            total += cells;
            System.out.println(
                    "matrix, " + kind + ": " + calls.size() + " calls, " + cells + " cells, " + failed
                            + " failed as they should, " + succeeded + " tolerated");
        });
        return Stream.concat(tests, Stream.of(figures));
    }

    /** Checks the calls of a function. */
    private void check(StartWithFaults start, List<PositionedCall> calls, boolean each) throws Exception {
        List<String> wrong = findings(start, calls, each);
        if (!wrong.isEmpty()) {
            List<PositionedCall> again = positioned(start.record()).stream()
                    .filter(call -> call.isOfSameFunction(calls.getFirst())).toList();
            if (!again.stream().map(PositionedCall::position).toList()
                    .equals(calls.stream().map(PositionedCall::position).toList())) {
                wrong = findings(start, again, each); // this JVM has opened or closed a file meanwhile
            }
        }
        assertThat(wrong).isEmpty();
    }

    private List<String> findings(StartWithFaults start, List<PositionedCall> calls, boolean each)
            throws Exception {
        List<String> wrong = new ArrayList<>();
        for (int i = 0; i < calls.size(); i++) {
            Recorded call = calls.get(i).recorded();
            List<Effect> effects = Faults.likelyEffects(call.call());
            boolean takesTurns = calls.size() > FEW;
            for (int j = 0; j < effects.size(); j++) {
                if (each || (isTurnOf(start.kind(), calls.get(i).position(), takesTurns ? 0 : j)
                        && (!takesTurns || j == i % effects.size()))) {
                    check(start, call, effects.get(j), wrong);
                }
            }
        }
        return wrong;
    }

    private static boolean isTurnOf(Kind kind, Position position, int fault) {
        List<Kind> callers = CALLERS.getOrDefault(position, List.of(kind));
        return callers.get((position.ordinal() + fault) % callers.size()) == kind;
    }

    private void check(StartWithFaults start, Recorded call, Effect effect, List<String> wrong)
            throws Exception {
        var faulty = new FaultyStart(start, call.call(), effect);
        List<String> found = faulty.run(call.step());
        if (faulty.hasOnlyLostDescriptors()) { // a start would lose it again, another thread would not
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
            if (ToleratedFaults.isMadeAgain(call.call(), effect) && start.kind() != Kind.ENDING) {
                wrong.add(faulty + " is not made again");
            }
        }
    }
}
