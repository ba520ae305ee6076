package io.dockworker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.dockworker.command.ImageName;
import io.dockworker.docker.DockerConnection;
import io.dockworker.docker.DockerEngine;
import io.dockworker.docker.LocalImage;
import io.dockworker.docker.SecondEngine;
import io.dockworker.execution.Checkpoint;
import io.dockworker.postgres.Database;
import io.dockworker.postgres.PostgresAddress;
import io.dockworker.settings.Settings;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The process of a worker stops in the middle of its work, as on a machine that is suspended, and goes on later. It is
 * known by the name under which it works in the database, where every row that anybody writes is noted.
 */
final class FreezeIT {
    private static final String IMAGE = "dockworker-freeze-it:1";
    private static final String COLD = "cold";
    private static final long SEED = Long.getLong("dockworker.seed", System.nanoTime());
    private static final Random LOT = new Random(SEED);
    /** Keys enough for all partitions. */
    private static final int KEYS = 24;
    private static final int TRIES = 300;

    private static final Opened OPENED = new Opened();

    @TempDir
    private static Path directory;
    private static Upstream upstream;
    private static Database database;
    private static Way toLocal;
    /** Of the engine whose worker is frozen, and of the other. */
    private static Account cold;
    private static Account warm;
    private static int rounds;

    @BeforeAll
    static void start() throws Exception {
        System.out.println("-Ddockworker.seed=" + SEED);
        OPENED.own(new TestImage(IMAGE));
        toLocal = OPENED.own(Way.onAnyPort(Way.localEngine()));
        var second = OPENED.own(new SecondEngine(Files.createDirectory(directory.resolve("second")), List.of()));
        try (DockerEngine engine = DockerEngine.connect(second.local(), new SimpleMeterRegistry())) {
            LocalImage.build(engine, new ImageName(IMAGE));
        }
        upstream = OPENED.own(new Upstream("freeze-it."));
        cold = new Account(upstream, DockerConnection.LOCAL);
        warm = new Account(upstream, second.local());
        List<String> flags = new ArrayList<>(upstream.flags(directory.resolve("lock"), "warm"));
        flags.add("--docker-host=" + second.local().host());
        OPENED.own(Upstream.worker(flags));
        database = OPENED.own(new Database(PostgresAddress.parse(upstream.postgresUrl), new SimpleMeterRegistry()));
        database.jdbi().useHandle(handle -> {
            handle.execute("drop role if exists cold");
            handle.execute("create role cold superuser login");
            handle.execute("create table written (by text not null default session_user, what text)");
            handle.execute("""
                    create function note() returns trigger language plpgsql as $$
                    begin insert into written (what) values (tg_table_name); return null; end $$""");
            handle.createQuery(
                    "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind in "
                            + "('r', 'p') and not relispartition and relname not in ('written', 'dockworker_schema_history')")
                    .mapTo(String.class).list()
                    .forEach(table -> handle.execute("create trigger noted after insert or update or delete on "
                            + table + " for each row execute function note()"));
        });
    }

    @AfterAll
    static void stop() throws Exception {
        OPENED.close();
    }

    private static List<String> coldFlags(String engine) {
        return flags(engine, upstream.postgresUrl.replaceFirst("//[^@]*@", "//cold@"));
    }

    private static List<String> flags(String engine, String postgresUrl) {
        List<String> flags = new ArrayList<>(upstream.flags(directory.resolve("lock"), COLD));
        flags.removeIf(flag -> flag.startsWith("--postgres-url="));
        flags.add("--postgres-url=" + postgresUrl);
        flags.add("--docker-host=" + engine);
        return flags;
    }

    /** An engine over TCP cannot be locked, so that its worker is not killed: it wakes up beside its successor. */
    @Test
    void othersGoOnWithoutAFrozenWorkerAndOneThatWasSupersededChangesNothingMore() throws Exception {
        try (WorkerProcess worker = WorkerProcess.start(directory.resolve("woken"),
                coldFlags("tcp://127.0.0.1:" + toLocal.port()), "--take-over")) {
            List<Life> early = atWork();
            freezeAtIntake(worker);
            List<Life> elsewhere = lives("elsewhere", "warm");
            elsewhere.forEach(life -> warm.send(life).join());
            List<String> everywhere = nobodys();
            warm.awaitResults(elsewhere);
            Awaitility.await().atMost(Account.GIVEN_UP).until(() -> ended().containsAll(everywhere));
            warm.assertMostAreDone(elsewhere);
            warm.assertTold(elsewhere, false);
            worker.thaw();
            cold.awaitResults(early);
            cold.assertMostAreDone(early);
            cold.assertTold(early, false);

            List<Life> late = atWork();
            worker.freeze();
            List<Life> waiting = lives("waiting", COLD);
            waiting.forEach(life -> cold.send(life).join());
            long written;
            try (Worker _ = successor("tcp://127.0.0.1:" + toLocal.port())) {
                written = written();
                worker.thaw();
                assertTrue(worker.process().waitFor(Account.GIVEN_UP), worker::said);
                assertEquals(70, worker.process().exitValue(), worker::said);
                assertEquals(1, worker.said().lines().filter(line -> line.contains("another worker owns")).count(),
                        worker::said);
                cold.awaitResults(late);
                cold.awaitResults(waiting);
            }
            assertEquals(written, written(), worker::said);
            cold.assertMostAreDone(late);
            cold.assertTold(late, true);
            cold.assertMostAreDone(waiting);
            cold.assertTold(waiting, true);
            assertEpochsOnlyGrow();
        }
    }

    @Test
    void aSuccessorOnTheSameHostKillsAFrozenWorkerAndEndsItsCommands() throws Exception {
        try (WorkerProcess worker = WorkerProcess.start(directory.resolve("killed"),
                coldFlags(DockerConnection.LOCAL.toString()))) {
            List<Life> early = atWork();
            worker.freeze();
            List<Life> waiting = lives("waiting", COLD);
            waiting.forEach(life -> cold.send(life).join());
            try (Worker _ = successor(DockerConnection.LOCAL.toString())) {
                long written = written();
                assertEquals(128 + 9, worker.process().waitFor());
                cold.awaitResults(early);
                cold.awaitResults(waiting);
                assertEquals(written, written());
            }
            cold.assertMostAreDone(early);
            cold.assertTold(early, true);
            cold.assertMostAreDone(waiting);
            cold.assertTold(waiting, true);
            assertEpochsOnlyGrow();
        }
    }

    /** Comes up as soon as the one before counts as lost. It works under another name in the database. */
    private static Worker successor(String engine) {
        List<String> flags = flags(engine, upstream.postgresUrl);
        return Awaitility.await().atMost(Account.GIVEN_UP).until(() -> Worker.start(Settings.read(Map.of(), flags),
                new Worker.How(true, true), Checkpoint.NONE), _ -> true);
    }

    /** Lives on the engine of the worker that is to be frozen, some of which have begun. */
    private static List<Life> atWork() {
        List<Life> lives = lives("at-work", COLD);
        lives.forEach(life -> cold.send(life).join());
        Awaitility.await().atMost(Account.GIVEN_UP).until(() -> !cold.results(lives).isEmpty());
        return lives;
    }

    private static List<Life> lives(String when, String host) {
        rounds++;
        return IntStream.range(0, 4).mapToObj(i -> new Life("freeze-" + when + "-" + rounds + "-" + i, IMAGE,
                "\"host\":\"" + host + "\",", 5, LOT)).toList();
    }

    /** Commands for containers that do not exist, in all partitions: to be accepted is all that there is to them. */
    private static List<String> nobodys() {
        rounds++;
        List<String> ids = IntStream.range(0, KEYS).mapToObj(i -> "nobody-" + rounds + "-" + i).toList();
        ids.forEach(id -> upstream.send(id, "{\"id\":\"" + id + "\",\"type\":\"stop\",\"target\":\"" + id + "\"}"));
        return ids;
    }

    private static Set<String> ended() {
        Set<String> ended = new HashSet<>();
        upstream.values("results").forEach(result -> ended.add(result.path("command_id").asText()));
        return ended;
    }

    /** Stops it in the middle of the transaction in which it accepts commands, where it is most in the way. */
    private static void freezeAtIntake(WorkerProcess worker) throws Exception {
        for (int tries = 1; tries <= TRIES; tries++) {
            nobodys();
            worker.freeze();
            // What the server is at is soon done.
            Thread.sleep(Duration.ofMillis(50));
            if (count(
                    "select count(*) from pg_locks join pg_stat_activity using (pid) where usename = 'cold' and state = "
                            + "'idle in transaction' and locktype = 'advisory'") > 0) {
                System.out.println("frozen in the middle of a transaction at try " + tries);
                return;
            }
            worker.thaw();
            Thread.sleep(Duration.ofMillis(LOT.nextInt(20)));
        }
        fail("it is never in the middle of a transaction: " + worker.said());
    }

    /** The rows that workers have written under the name of the one that is frozen. */
    private static long written() {
        return count("select count(*) from written where by = 'cold'");
    }

    private static long count(String query) {
        return database.jdbi().withHandle(handle -> handle.createQuery(query).mapTo(Long.class).one());
    }

    /** Nothing of a worker stands behind what its successor has published. */
    private static void assertEpochsOnlyGrow() throws IOException {
        List<Long> epochs = upstream.values("hosts").stream().filter(beat -> beat.path("host").asText().equals(COLD))
                .map(beat -> beat.path("epoch").asLong()).toList();
        assertEquals(epochs.stream().sorted().toList(), epochs);
    }
}
