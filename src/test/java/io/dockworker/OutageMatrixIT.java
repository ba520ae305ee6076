package io.dockworker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dockworker.Surroundings.How;
import io.dockworker.Surroundings.Of;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * However Kafka, PostgreSQL or Docker is away, and however long: each command has one result, which tells what the
 * engine has, and work goes on by itself. {@code -Ddockworker.outages=all} has every way of each, for 5 s and for 60 s;
 * else every way once, with every server among them, as {@code -Ddockworker.seed} draws them.
 */
@Tag("long")
final class OutageMatrixIT {
    private static final String IMAGE = "dockworker-outage-matrix-it:1";
    private static final long SEED = Long.getLong("dockworker.seed", System.nanoTime());
    private static final boolean ALL = "all".equals(System.getProperty("dockworker.outages"));
    private static final Duration SHORT = Duration.ofSeconds(5);
    private static final Duration LONG = Duration.ofSeconds(60);
    /** Of the live heap. What grows with each outage is beyond it soon; code and caches that come with use are not. */
    private static final double SLACK = 1.3;
    private static final int LENGTH = 7;
    private static final Random LOT = new Random(SEED);

    private static final List<Double> SECONDS = new ArrayList<>();

    @TempDir
    private static Path directory;
    private static Surroundings surroundings;
    private static Account account;
    private static WorkerProcess worker;
    private static long heap;
    private static int rounds;

    @BeforeAll
    static void start() throws Exception {
        System.out.println("-Ddockworker.seed=" + SEED);
        surroundings = new Surroundings(directory, "outage-matrix-it", IMAGE);
        account = surroundings.account;
        worker = surroundings.worker;
        List<Life> first = lives("first", 6);
        first.forEach(life -> account.send(life).join());
        account.awaitResults(first);
        account.assertMostAreDone(first);
        account.assertTold(first, false);
        heap = worker.liveBytes();
    }

    @AfterAll
    static void stop() throws Exception {
        SECONDS.stream().max(Comparator.naturalOrder())
                .ifPresent(most -> System.out.println("first result after " + most + " s at most"));
        if (surroundings != null) {
            surroundings.close();
        }
    }

    record Outage(Of of, How how, Duration length) {
        @Override
        public String toString() {
            return (of + " " + how).toLowerCase(Locale.ROOT) + " " + length.toSeconds() + " s";
        }
    }

    private static List<Outage> outages() {
        if (ALL) {
            return Stream.of(Of.values()).flatMap(of -> Stream.of(How.values()).flatMap(how -> Stream.of(SHORT, LONG)
                    .map(length -> new Outage(of, how, length)))).toList();
        }
        var lot = new Random(SEED);
        List<Of> of = Arrays.asList(Of.values());
        Collections.shuffle(of, lot);
        List<How> how = Arrays.asList(How.values());
        Collections.shuffle(how, lot);
        return IntStream.range(0, how.size()).mapToObj(i -> new Outage(of.get(i % of.size()), how.get(i), SHORT))
                .toList();
    }

    @ParameterizedTest
    @MethodSource("outages")
    void eachCommandHasOneResultAndWorkGoesOn(Outage outage) throws Exception {
        Surroundings.Away away = surroundings.away(outage.of());
        List<CompletableFuture<Void>> sent = new ArrayList<>();
        List<Life> lives = new ArrayList<>(lives("before", 6));
        lives.forEach(life -> sent.add(account.send(life)));
        Awaitility.await().atMost(Account.GIVEN_UP).until(() -> !account.results(lives).isEmpty());
        assertTrue(account.results(lives).size() < Account.ids(lives).size(), "it goes away in the middle of the work");
        List<Life> last = lives("last", 3);
        int said = worker.said().length();
        away.begin(outage.how());
        long back;
        try {
            Thread.sleep(outage.length().dividedBy(2));
            List<Life> meanwhile = lives("meanwhile", 3);
            meanwhile.forEach(life -> sent.add(account.send(life)));
            lives.addAll(meanwhile);
            Thread.sleep(outage.length().dividedBy(2));
            last.forEach(life -> sent.add(account.send(life)));
            lives.addAll(last);
        } finally {
            away.end(outage.how());
            back = System.nanoTime();
        }
        Awaitility.await().pollInterval(Duration.ofMillis(100)).atMost(Account.GIVEN_UP)
                .until(() -> !account.results(last).isEmpty());
        Duration first = Duration.ofNanos(System.nanoTime() - back);
        sent.forEach(CompletableFuture::join);
        account.awaitResults(lives);
        Duration all = Duration.ofNanos(System.nanoTime() - back);
        account.assertMostAreDone(lives);
        account.assertTold(lives, outage.of() == Of.DOCKER);
        Awaitility.await().atMost(Account.GIVEN_UP)
                .untilAsserted(() -> assertSaid(outage, worker.said().substring(said)));
        long now = worker.liveBytes();
        SECONDS.add(first.toMillis() / 1e3);
        System.out.printf("%-22s %3d commands, %2d not done, first result %5.1f s after it, all %5.1f s, heap %.2f%n",
                outage, Account.ids(lives).size(),
                account.results(lives).values().stream().filter(one -> !Account.isDone(one)).count(),
                SECONDS.getLast(), all.toMillis() / 1e3, (double) now / heap);
        assertTrue(now < heap * SLACK, "the heap grows with each outage");
    }

    /** That it is away, and is back, once each, if it was noticed at all. One that is slow can be both in turn. */
    private static void assertSaid(Outage outage, String said) {
        if (outage.how() != How.SLOW) {
            String name = outage.of().name().toLowerCase(Locale.ROOT);
            List<String> warned = said.lines().filter(line -> line.contains(" WARN ") || line.contains(" ERROR ")
                    || line.endsWith(" is back")).toList();
            if (warned.isEmpty()) {
                return;
            }
            assertEquals(2, warned.size(), said);
            assertTrue(warned.getFirst().contains(name + " is away: "), said);
            assertTrue(warned.getLast().endsWith(name + " is back"), said);
        }
    }

    private static List<Life> lives(String when, int count) {
        rounds++;
        return IntStream.range(0, count)
                .mapToObj(i -> new Life(when + "-" + rounds + "-" + i, IMAGE, LENGTH, LOT)).toList();
    }
}
