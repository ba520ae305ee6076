package io.dockworker.execution;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dockworker.journal.Work;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Many small worlds, each from a seed. A failing one is replayed with {@code -Ddockworker.seed=S}. */
final class SimulationTest {
    private static final int SEEDS = Integer.getInteger("dockworker.seeds", 3_000);

    @Test
    void everyCommandRunsOnceAndInOrderWhateverIsKilledLostOrLate() {
        Long only = Long.getLong("dockworker.seed");
        LongStream seeds = only != null ? LongStream.of(only) : LongStream.range(0, SEEDS);
        seeds.forEach(seed -> {
            List<String> faults = new Simulation(seed, Decider::next).run();
            assertEquals(List.of(), faults,
                    () -> "replay: ./dockworker test -Dtest=SimulationTest -Ddockworker.seed=" + seed);
        });
    }

    static Stream<Arguments> plantedBugs() {
        return Stream.of(Arguments.of("a lost answer is taken for a call that was never sent", (Simulation.Core) (run,
                seen, now) -> Decider.next(run,
                        seen instanceof Observation.Answered(ContainerEngine.Answer.Unknown unknown)
                                ? new Observation.Answered(new ContainerEngine.Answer.NotSent(unknown.reason()))
                                : seen,
                        now)),
                Arguments.of("the next worker forgets what the last one intended", (Simulation.Core) (run, seen,
                        now) -> Decider.next(seen instanceof Observation.Handed ? forgetful(run) : run, seen, now)),
                Arguments.of("the call comes before the intent", (Simulation.Core) (run, seen, now) -> {
                    Decider.Move move = Decider.next(run, seen, now);
                    return move.step() instanceof Step.Commit && move.run().pending().isPresent()
                            ? new Decider.Move(move.run(), new Step.Call(move.run().pending().get()))
                            : move;
                }));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("plantedBugs")
    void aPlantedBugIsCaught(String bug, Simulation.Core core) {
        long caught = LongStream.range(0, SEEDS).filter(seed -> !new Simulation(seed, core).run().isEmpty()).findFirst()
                .orElse(-1);
        assertTrue(caught >= 0, bug + ": not caught in " + SEEDS + " seeds");
        System.out.println(bug + ": caught by seed " + caught);
    }

    private static Run forgetful(Run run) {
        Work work = run.work();
        return Run.of(new Work(work.key(), work.command(), work.host(), work.lane(), work.seq(), work.container(),
                work.specHash(), work.messageKey(), work.attempts(), Optional.empty(), work.receivedAt(),
                work.deadlineAt(), work.startedAt()));
    }
}
