package io.dockworker.execution;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.dockworker.command.Outcome;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/**
 * The protocol's promises, under faults that a seed chooses. {@code -Ddockworker.seeds=N} tries more of them,
 * {@code -Ddockworker.seed=S} tells one step by step.
 */
class FaultSimulationTest {
    private static final long DEFAULT = 2_000;
    private static final long SEEDS = Long.getLong("dockworker.seeds", DEFAULT);

    private final Map<Outcome.Status, Integer> ends = new EnumMap<>(Outcome.Status.class);

    @Test
    void everyCommandRunsOnceAndInOrderWhateverHappens() {
        Long only = Long.getLong("dockworker.seed");
        Optional<String> broken = only != null
                ? broken(only, Decider::next, line -> System.out.println(line.get()))
                : firstBroken(SEEDS, () -> Decider::next);
        broken.ifPresent(what -> fail(what));

        if (only == null && SEEDS >= 100) {
            // A simulation in which nothing goes wrong, or everything, proves nothing.
            for (Outcome.Status status : new Outcome.Status[]{Outcome.Status.SUCCEEDED, Outcome.Status.FAILED,
                    Outcome.Status.EXPIRED, Outcome.Status.UNKNOWN}) {
                assertTrue(ends.getOrDefault(status, 0) > SEEDS / 20, () -> "how the commands ended: " + ends);
            }
        }
    }

    @Test
    void aCoreThatActsOnTheFirstLookAfterALostAnswerIsCaught() {
        assertCaught("twice|after the result|done all the same", () -> PlantedBugs::skipsSettling);
    }

    @Test
    void aCoreThatStartsAFinishedJobAgainIsCaught() {
        assertCaught("started twice|with 2 starts|done all the same", () -> PlantedBugs::startsAgainWhatHasEnded);
    }

    @Test
    void aCoreThatTakesALostAnswerForARefusalIsCaught() {
        assertCaught("twice|after the result|done all the same", () -> PlantedBugs::takesUnknownForNotDone);
    }

    @Test
    void aCoreThatRecordsItsIntentAfterTheCallIsCaught() {
        assertCaught("without its intent", PlantedBugs::recordsAfterActing);
    }

    @Test
    void aCoreThatSendsASignalAgainAfterACrashIsCaught() {
        assertCaught("a signal sent twice|killed twice", () -> PlantedBugs::killsAgain);
    }

    @Test
    void aCoreThatForgetsThatItUndoesAReplacementIsCaught() {
        assertCaught("made twice|started twice|left the old container stopped", () -> PlantedBugs::forgetsUndoing);
    }

    /** @param promises a pattern: which of them the bug may be found to break first */
    private void assertCaught(String promises, Supplier<FaultSimulation.Core> core) {
        String caught = firstBroken(DEFAULT, core).orElseGet(() -> fail("no seed finds it"));
        assertTrue(Pattern.compile("AssertionError: [^:]*(" + promises + ")").matcher(caught).find(), caught);
    }

    private Optional<String> firstBroken(long seeds, Supplier<FaultSimulation.Core> core) {
        return LongStream.range(0, seeds).mapToObj(seed -> broken(seed, core.get(), _ -> {}))
                .flatMap(Optional::stream).findFirst();
    }

    private Optional<String> broken(long seed, FaultSimulation.Core core, Consumer<Supplier<String>> trace) {
        var simulation = new FaultSimulation(seed, core, trace);
        try {
            simulation.run();
        } catch (AssertionError | RuntimeException e) {
            return Optional
                    .of("seed " + seed + ": " + e + "\nreplay: mvn test -Dtest=FaultSimulationTest -Ddockworker.seed="
                            + seed);
        }
        simulation.ledger.rows().forEach(row -> ends.merge(row.outcome().orElseThrow().status(), 1, Integer::sum));
        return Optional.empty();
    }
}
