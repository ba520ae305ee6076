package io.dockworker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dockworker.kafka.OutboundRecord;
import io.dockworker.kafka.RawRecord;
import io.dockworker.kafka.Sender;
import io.dockworker.kafka.Tap;
import io.dockworker.standalone.TestServices;
import io.dockworker.wire.Poison;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Good commands among a stream of records that are none. {@code -Ddockworker.poison=all} sends ten times as many,
 * {@code -Ddockworker.seed=S} the same ones again.
 */
@Tag("long")
final class PoisonIT {
    private static final boolean ALL = "all".equals(System.getProperty("dockworker.poison"));
    private static final int ROUNDS = ALL ? 10 : 4;
    private static final int POISON = (ALL ? 100_000 : 10_000) / ROUNDS;
    private static final Duration QUIET = Duration.ofSeconds(ALL ? 20 : 4);
    private static final long GOOD_EVERY = Duration.ofMillis(50).toNanos();
    private static final long POISON_EVERY = Duration.ofMillis(2).toNanos();
    /** What the worker has still to answer: a machine that is busy otherwise gets no more at once. */
    private static final int MAX_UNDER_WAY = 20;
    /** How much longer a good command may take among poison: the promise, and what a busy machine may add to it. */
    private static final double MAX_RATIO = ALL ? 2 : 10;
    private static final double MAX_GROWTH = 32 << 20;
    /** One batch of the topic, less what Kafka puts around a single record. */
    private static final int LARGEST = 1_048_588 - 80;
    private static final String IMAGE = "dockworker-poison-it:1";
    private static final int CONTAINERS = 12;
    private static final Pattern TROUBLE = Pattern.compile("^\\S+ ERROR .*|^\\s+at .*|^Caused by.*");

    private final long seed = Long.getLong("dockworker.seed", System.nanoTime());
    private final Poison poison = new Poison(seed, LARGEST);
    private final Opened opened = new Opened();
    private final Map<String, Long> sentAt = new ConcurrentHashMap<>();
    private final Queue<Long> latencies = new ConcurrentLinkedQueue<>();
    private final Queue<Tap.Drop> letters = new ConcurrentLinkedQueue<>();
    private final Queue<Tap.Drop> results = new ConcurrentLinkedQueue<>();
    private final AtomicInteger answered = new AtomicInteger();
    private final List<String> failed = new CopyOnWriteArrayList<>();

    @TempDir
    private Path directory;
    private Upstream upstream;
    private PoisonAccounts accounts;
    private Sender sender;
    private KillableWorker worker;
    private volatile boolean over;
    private int goods;
    private int sent;

    @BeforeEach
    void start() throws Exception {
        System.out.println("-Ddockworker.seed=" + seed);
        opened.own(new TestImage(IMAGE));
        // Not closed, for then it would read all of the poison once more.
        upstream = new Upstream("poison-it.");
        accounts = new PoisonAccounts(poison, upstream.prefix + "commands");
        sender = opened.own(new Sender(TestServices.bootstrapServers()));
        worker = opened
                .own(new KillableWorker(directory, Map.of("LC_ALL", "C"), upstream.flags(directory, "poison-it")));
        opened.atTheEnd(() -> over = true);
        listen("results", drop -> {
            String id = drop.record().headers().stream().filter(header -> header.name().equals("ce_causationid"))
                    .map(header -> new String(header.value(), UTF_8)).findFirst().orElseThrow();
            Long begun = sentAt.remove(id);
            if (begun != null) {
                latencies.add(System.nanoTime() - begun);
                if (!new String(drop.record().value(), UTF_8).contains("\"status\":\"succeeded\"")) {
                    failed.add(new String(drop.record().value(), UTF_8));
                }
            } else {
                results.add(drop);
                answered.incrementAndGet();
            }
        });
        listen("commands.dlq", drop -> {
            letters.add(drop);
            answered.incrementAndGet();
        });
    }

    @AfterEach
    void end() throws Exception {
        opened.close();
    }

    private interface Listener {
        void heard(Tap.Drop drop);
    }

    private void listen(String topic, Listener listener) throws InterruptedException {
        Thread thread = Thread.ofPlatform().daemon().start(() -> {
            try (var tap = new Tap(TestServices.bootstrapServers(), upstream.prefix + topic)) {
                while (!over) {
                    tap.next().forEach(listener::heard);
                }
            }
        });
        opened.atTheEnd(() -> {
            over = true;
            thread.join();
        });
    }

    @Test
    void eachRecordIsAccountedForAndNoGoodCommandWaits() throws Exception {
        for (int i = 0; i < CONTAINERS; i++) {
            good(i, """
                    "type":"create","image":"%s","name":"poison-it-%d","pull_policy":"never","network_mode":"none",
                    "start":false""".formatted(IMAGE, i));
        }
        awaitGood();
        // What loads a class or grows a buffer for good has done so then.
        round(IntStream.range(0, 500).toArray());
        double heap = worker.liveHeap();
        List<Double> ratios = new ArrayList<>();
        for (int i = 0; i < ROUNDS; i++) {
            List<Double> quiet = round();
            List<Double> among = round(IntStream.range(sent, sent + POISON).toArray());
            ratios.add(p(99, among) / p(99, quiet));
            System.out.printf("round %d: quiet p50 %.1f p99 %.1f ms (%d), among poison p50 %.1f p99 %.1f ms (%d), "
                    + "ratio of p99 %.2f%n", i, p(50, quiet), p(99, quiet), quiet.size(), p(50, among), p(99, among),
                    among.size(), ratios.getLast());
        }
        double grown = worker.liveHeap() - heap;
        List<String> log = worker.lines();
        System.out.printf("%d records: %s%nmedian ratio of p99 %.2f, live heap %+.1f MiB to %.1f MiB, %d lines of log "
                + "(%d bytes)%n", sent, accounts.ends(), p(50, ratios), grown / (1 << 20), (heap + grown) / (1 << 20),
                log.size(), log.stream().mapToInt(String::length).sum());

        assertEquals(List.of(), accounts.faults(sent), "seed " + seed);
        assertEquals(List.of(), failed);
        assertEquals(List.of(), log.stream().filter(TROUBLE.asMatchPredicate()).toList());
        assertEquals(1, log.stream().filter(line -> line.contains(" is ready: ")).count());
        assertTrue(worker.isAlive());
        assertTrue(grown < MAX_GROWTH, "bytes that the heap has grown: " + grown);
        assertTrue(p(50, ratios) < MAX_RATIO, ratios::toString);
    }

    /** Good commands all the time, and these records of poison; quiet for a while if there are none. */
    private List<Double> round(int... numbers) throws Exception {
        List<Poison.Fuzzed> records = IntStream.of(numbers).mapToObj(poison::number).toList();
        latencies.clear();
        long begun = System.nanoTime();
        long end = begun + (numbers.length == 0 ? QUIET.toNanos() : 0);
        long nextGood = begun;
        long nextPoison = begun;
        List<CompletableFuture<Void>> places = new ArrayList<>();
        int done = 0;
        while (done < records.size() || System.nanoTime() < end) {
            long now = System.nanoTime();
            if (now >= nextGood) {
                good(goods, "\"type\":\"stop\",\"target\":\"poison-it-%d\"".formatted(goods % CONTAINERS));
                nextGood = now + GOOD_EVERY;
            }
            if (done < records.size() && now >= nextPoison && sent - answered.get() < MAX_UNDER_WAY) {
                places.add(send(records.get(done++)));
                nextPoison = now + POISON_EVERY;
            }
            LockSupport.parkNanos(500_000);
        }
        awaitGood();
        worker.await("what becomes of " + sent + " records", () -> answered.get() >= sent);
        places.forEach(CompletableFuture::join);
        for (Tap.Drop letter = letters.poll(); letter != null; letter = letters.poll()) {
            accounts.letter(letter);
        }
        for (Tap.Drop result = results.poll(); result != null; result = results.poll()) {
            accounts.result(result);
        }
        return latencies.stream().map(nanos -> nanos / 1e6).toList();
    }

    private void good(int container, String fields) {
        String id = "good-" + goods++;
        byte[] key = ("poison-it-" + container % CONTAINERS).getBytes(UTF_8);
        sentAt.put(id, System.nanoTime());
        var _ = sender.send(new OutboundRecord(upstream.prefix + "commands", key,
                ("{\"id\":\"" + id + "\"," + fields + "}").getBytes(UTF_8), List.of()));
    }

    private void awaitGood() {
        worker.await("the results of all good commands", sentAt::isEmpty);
    }

    private CompletableFuture<Void> send(Poison.Fuzzed fuzzed) {
        sent++;
        return sender
                .send(new OutboundRecord(upstream.prefix + "commands", fuzzed.key(), fuzzed.value(), fuzzed.headers()
                        .stream().map(header -> new RawRecord.Header(header.name(), header.value())).toList()))
                .thenAccept(place -> accounts.sent(fuzzed.number(), place));
    }

    private static double p(int percent, List<Double> values) {
        List<Double> sorted = values.stream().sorted().toList();
        return sorted.get(Math.min(sorted.size() - 1, sorted.size() * percent / 100));
    }
}
