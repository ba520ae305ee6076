package io.dockworker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dockworker.Surroundings.Away;
import io.dockworker.Surroundings.How;
import io.dockworker.Surroundings.Of;
import io.dockworker.postgres.Database;
import io.dockworker.postgres.PostgresAddress;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A worker has work all the time while its servers come and go, and nothing of it grows. {@code -Ddockworker.long-run=PT2H}
 * says how long; each minute counts as a day to the records that may be forgotten, so that they are within two hours.
 */
@Tag("long")
final class LongRunIT {
    private static final Duration LENGTH = Duration.parse(System.getProperty("dockworker.long-run", "PT5M"));
    private static final long SEED = Long.getLong("dockworker.seed", System.nanoTime());
    private static final String IMAGE = "dockworker-long-run-it:1";
    private static final Duration ROUND = Duration.ofSeconds(15);
    private static final int MINUTE = 4;
    private static final int STEADY = 10;
    /** What came with use is there by then: code, caches, and all that is kept for its days. */
    private static final Duration SETTLED = Duration.ofMinutes(50);
    private static final double SLACK = 1.3;
    /** What is younger is still compared with what the engine says. */
    private static final String OF_NO_USE = "now() - interval '25 minutes'";

    @TempDir
    private Path directory;

    private final Opened opened = new Opened();
    private final Random lot = new Random(SEED);
    private Surroundings surroundings;
    private Account account;
    private Database database;

    /** What there is at a time, in bytes where nothing else is said. */
    private record Look(long heap, int threads, int descriptors, long rows, long tables, long topics) {
        @Override
        public String toString() {
            return String.format(Locale.ROOT,
                    "heap %.1f MB, %d threads, %d descriptors, %d rows, tables %.1f MB, topics %.1f MB", heap / 1e6,
                    threads, descriptors, rows, tables / 1e6, topics / 1e6);
        }
    }

    @AfterEach
    void close() throws Exception {
        opened.close();
    }

    @Test
    void nothingGrows() throws Exception {
        System.out.println("-Ddockworker.seed=" + SEED);
        List<Look> looks = new ArrayList<>();
        surroundings = new Surroundings(directory, "long-run-it", IMAGE, "--command-retention-days=8",
                "--event-retention-days=8");
        opened.atTheEnd(surroundings::close);
        account = surroundings.account;
        database = opened.own(new Database(PostgresAddress.parse(surroundings.postgres.url()),
                new SimpleMeterRegistry()));
        surroundings.upstream.forgetSoon();
        List<Life> steady = IntStream.range(0, STEADY).mapToObj(i -> new Life("steady-" + i, IMAGE, 1, lot))
                .toList();
        steady.forEach(life -> account.send(life).join());
        account.awaitResults(steady);
        long begin = System.nanoTime();
        int commands = 0;
        for (int round = 1; System.nanoTime() - begin < LENGTH.toNanos(); round++) {
            long next = begin + round * ROUND.toNanos();
            commands += round(round);
            if (round % MINUTE == 0) {
                aDayPasses();
                Look look = look();
                looks.add(look);
                System.out.printf("%4d min, %6d commands: %s%n",
                        Duration.ofNanos(System.nanoTime() - begin).toMinutes(), commands, look);
            }
            Thread.sleep(Duration.ofNanos(Math.max(0, next - System.nanoTime())));
        }
        assertEquals(STEADY, docker("ps", "-q", "--filter", "label=io.dockworker.command-id").lines().count());
        assertEquals(STEADY, docker("ps", "-aq").lines().count(), "an orphan");
        assertEquals("", docker("volume", "ls", "-q"), "an orphan");
        assertFlat(looks, Look::heap, "heap");
        assertFlat(looks, Look::threads, "threads");
        assertFlat(looks, Look::descriptors, "descriptors");
        assertFlat(looks, Look::rows, "rows");
        assertFlat(looks, Look::tables, "tables");
        assertFlat(looks, Look::topics, "topics");
    }

    /** Some containers live and die; in the middle of it mostly something goes away. */
    private int round(int round) throws Exception {
        Optional<Of> of = lot.nextInt(3) == 0 ? Optional.empty() : Optional.of(any(Of.values()));
        How how = any(How.values());
        List<Life> lives = IntStream.range(0, 5)
                .mapToObj(i -> new Life("life-" + round + "-" + i, IMAGE, 7, lot)).toList();
        List<CompletableFuture<Void>> sent = lives.stream().map(account::send).toList();
        Thread.sleep(Duration.ofMillis(lot.nextInt(2_000)));
        if (of.isPresent()) {
            Away away = surroundings.away(of.get());
            away.begin(how);
            Thread.sleep(Duration.ofMillis(1_000 + lot.nextInt(3_000)));
            away.end(how);
        }
        sent.forEach(CompletableFuture::join);
        account.awaitResults(lives);
        boolean inDoubt = of.equals(Optional.of(Of.DOCKER));
        account.assertTold(lives, inDoubt);
        if (!inDoubt) {
            account.assertMostAreDone(lives);
        }
        if (of.isEmpty()) {
            volumes(round);
        }
        return Account.ids(lives).size();
    }

    /** Anonymous volumes go with what they were made for: a container that has run, and one that never could. */
    private void volumes(int round) {
        for (String program : List.of("true", "/no/such/program")) {
            String name = "volume-" + round + "-" + program.length();
            surroundings.upstream.send(name,
                    """
                            {"id":"%1$s","type":"create","name":"%1$s","image":"%2$s","pull_policy":"never","network_mode":"none",
                            "volumes":[{"type":"volume","target":"/data"}],"command":["%3$s"]}"""
                            .formatted(name, IMAGE, program));
            surroundings.upstream.send(name,
                    "{\"id\":\"%1$s-rm\",\"type\":\"remove\",\"target\":\"%1$s\",\"volumes\":true}".formatted(name));
            assertEquals("succeeded", surroundings.upstream.result(name + "-rm").path("status").asText());
        }
    }

    private <T> T any(T[] all) {
        return all[lot.nextInt(all.length)];
    }

    private void aDayPasses() {
        database.jdbi().useTransaction(transaction -> {
            // Nothing of this is a change that anybody is to hear of.
            transaction.execute("set local session_replication_role = replica");
            Map.of("commands", "finished_at", "events", "at", "changes", "at", "cancellations", "at")
                    .forEach((table, time) -> transaction
                            .execute("update %1$s set %2$s = %2$s - interval '1 day' where %2$s < %3$s"
                                    .formatted(table, time, OF_NO_USE)));
        });
    }

    private Look look() throws Exception {
        Path process = Path.of("/proc", String.valueOf(surroundings.worker.process().pid()));
        long heap = surroundings.worker.liveBytes();
        int threads = Files.readAllLines(process.resolve("status")).stream()
                .filter(line -> line.startsWith("Threads:"))
                .mapToInt(line -> Integer.parseInt(line.substring(8).strip())).sum();
        int descriptors;
        try (Stream<Path> open = Files.list(process.resolve("fd"))) {
            descriptors = (int) open.count();
        }
        // Samples are dropped by the day, so that two hours show nothing of it.
        List<String> tables = database.jdbi().withHandle(handle -> handle.createQuery(
                "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r' "
                        + "and relname not like 'health_snapshots%'")
                .mapTo(String.class).list());
        long rows = 0;
        long bytes = 0;
        for (String table : tables) {
            rows += number("select count(*) from " + table);
            bytes += number("select pg_total_relation_size('" + table + "')");
        }
        return new Look(heap, threads, descriptors, rows, bytes, topicBytes());
    }

    private long number(String query) {
        return database.jdbi().withHandle(handle -> handle.createQuery(query).mapTo(Long.class).one());
    }

    private long topicBytes() throws IOException {
        try (Stream<Path> files = Files.find(surroundings.kafkaDirectory, 5, (path, attributes) -> attributes
                .isRegularFile() && path.toString().endsWith(".log") && path.toString().contains("/long-run-it."))) {
            return files.mapToLong(path -> path.toFile().length()).sum();
        }
    }

    private String docker(String... words) throws IOException, InterruptedException {
        return Upstream.docker(Stream.concat(Stream.of("-H", account.engine().host().toString()), Stream.of(words))
                .toArray(String[]::new));
    }

    /** What is there at the end is no more than what was there when all had settled. */
    private static void assertFlat(List<Look> looks, ToDoubleFunction<Look> what, String name) {
        int settled = (int) Math.min(SETTLED.toMinutes(), looks.size() / 2);
        List<Look> later = looks.subList(settled, looks.size());
        double first = mean(later.subList(0, (later.size() + 1) / 2), what);
        double last = mean(later.subList(later.size() / 2, later.size()), what);
        System.out.printf("%-12s %.2f%n", name, last / first);
        assertTrue(last <= first * SLACK, () -> name + " grow: " + looks);
    }

    private static double mean(List<Look> looks, ToDoubleFunction<Look> what) {
        return looks.stream().mapToDouble(what).average().orElseThrow();
    }
}
