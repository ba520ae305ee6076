package io.dockworker.execution;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import ch.qos.logback.classic.Level;
import io.dockworker.execution.FaultSimulation.Build;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/**
 * The protocol's promises, under faults that a seed chooses. {@code -Ddockworker.seeds=N} tries more of them,
 * {@code -Ddockworker.seed=S} tells one step by step.
 */
class FaultSimulationTest {
    private static final long SEEDS = Long.getLong("dockworker.seeds", 20_000);
    /** A bug is looked for so many times, each time with other seeds. */
    private static final int HUNTS = Integer.getInteger("dockworker.hunts", 3);
    private static final long MOST = Long.getLong("dockworker.most", 20_000);

    private final Map<String, Integer> counts = new ConcurrentHashMap<>();

    /** Each seed has its thousands of faults, and every loop tells of them. */
    @BeforeAll
    static void silence() {
        speak(Level.OFF);
    }

    @AfterAll
    static void speak() {
        speak(null);
    }

    private static void speak(Level level) {
        List.of("intake", "relay", "execution").forEach(part -> ((ch.qos.logback.classic.Logger) LoggerFactory
                .getLogger("io.dockworker." + part)).setLevel(level));
    }

    @Test
    void everyCommandRunsOnceAndInOrderWhateverHappens() {
        Long only = Long.getLong("dockworker.seed");
        long begin = System.nanoTime();
        Optional<String> broken = only != null
                ? broken(only, Build.PRODUCTION, line -> System.out.println(line.get()))
                : LongStream.range(0, SEEDS).parallel().mapToObj(seed -> broken(seed, Build.PRODUCTION, _ -> {}))
                        .flatMap(Optional::stream).findFirst();
        broken.ifPresent(what -> fail(what));

        if (only == null) {
            System.out.println(SEEDS + " seeds in " + Duration.ofNanos(System.nanoTime() - begin).toSeconds()
                    + " s: " + new TreeMap<>(counts));
        }
        if (only == null && SEEDS >= 100) {
            // A simulation in which nothing goes wrong, or everything, proves nothing.
            for (String what : List.of("succeeded", "failed", "expired", "cancelled", "unknown", "called create",
                    "called start", "called stop", "called kill", "called remove", "called rename")) {
                assertTrue(counts.getOrDefault(what, 0) > SEEDS / 20, () -> what + ": " + new TreeMap<>(counts));
            }
        }
    }

    /** What breaks one rule is caught breaking one of these promises. */
    @Test
    void whateverBreaksARuleIsCaught() {
        Map<String, Long> medians = new LinkedHashMap<>();
        PlantedBugs.all().forEach((name, bug) -> {
            medians.put(name, hunt(name, bug));
            System.out.printf("%-32s caught after %d seeds (median of %d hunts)%n", name, medians.get(name), HUNTS);
        });
        assertEquals(Set.of(), Set.copyOf(medians.entrySet().stream().filter(one -> one.getValue() < 0)
                .map(Map.Entry::getKey).toList()), "never caught");
    }

    /** The median of the seeds that it took, or -1. */
    private long hunt(String name, PlantedBugs.Bug bug) {
        List<Long> took = LongStream.range(0, HUNTS).parallel().map(hunt -> {
            long first = hunt * MOST;
            for (long seed = first; seed < first + MOST; seed++) {
                Optional<String> caught = broken(seed, bug.build().get(), _ -> {});
                if (caught.isPresent()) {
                    assertTrue(Pattern.compile("^seed \\d+: \\S+ [^:]*(" + bug.promises() + ")")
                            .matcher(caught.get()).find(), name + ": " + caught.get());
                    return seed - first + 1;
                }
            }
            return MOST + 1;
        }).sorted().boxed().toList();
        long median = took.get(took.size() / 2);
        return median > MOST ? -1 : median;
    }

    private Optional<String> broken(long seed, Build build, Consumer<Supplier<String>> trace) {
        try {
            var simulation = new FaultSimulation(seed, build, trace);
            simulation.run();
            simulation.auditor.counts().forEach((what, count) -> counts.merge(what, count, Integer::sum));
            return Optional.empty();
        } catch (AssertionError | RuntimeException e) {
            return Optional.of("seed " + seed + ": " + e + "\nreplay: ./dockworker test -Dtest=FaultSimulationTest"
                    + " -Ddockworker.seed=" + seed);
        }
    }
}
