package io.dockworker.health;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dockworker.command.HealthSample;
import io.dockworker.command.HealthSample.Status;
import io.dockworker.command.HostId;
import io.dockworker.postgres.Database;
import io.dockworker.postgres.TestPostgres;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.jdbi.v3.postgres.PostgresPlugin;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class HealthStoreIT {
    private static final int RETENTION_DAYS = 7;
    private static final Instant NOON = Instant.parse("2026-03-10T12:00:00Z");

    private Database database;
    private Instant now = NOON;
    private Runnable right = () -> {};
    private HealthStore store;

    @BeforeEach
    void open() {
        database = TestPostgres.fresh();
        store = new HealthStore(database.jdbi(), _ -> right.run(), RETENTION_DAYS, () -> now);
    }

    @AfterEach
    void close() {
        database.close();
    }

    @Test
    void whatIsStoredIsReadBackWhole() {
        HealthSample full = new HealthSample(Containers.id(1), "web-1", "nginx:alpine", new HostId("host-a"), NOON,
                Duration.ofSeconds(60), 25.53, 45.21, OptionalDouble.of(67.89), Status.CRITICAL,
                List.of("CPU at 99.0 % (critical)", "it, \"quoted\" {and} braced"), 0.1277, OptionalDouble.of(0.5),
                3L << 32, OptionalLong.of(4L << 32), OptionalLong.of(1), OptionalLong.of(2), OptionalLong.of(3),
                OptionalLong.of(4), OptionalLong.of(5), 6, "unhealthy");
        HealthSample bare = new HealthSample(Containers.id(2), "web-2", "nginx:alpine", new HostId("host-a"), NOON,
                Duration.ofSeconds(60), 0, 0, OptionalDouble.empty(), Status.STOPPED, List.of(), 0,
                OptionalDouble.empty(), 0, OptionalLong.empty(), OptionalLong.empty(), OptionalLong.empty(),
                OptionalLong.empty(), OptionalLong.empty(), OptionalLong.empty(), 0, "none");
        store.accept(List.of(full, bare));
        assertEquals(full, store.latest(Containers.id(1)).orElseThrow());
        assertEquals(bare, store.latest(Containers.id(2)).orElseThrow());
        assertTrue(store.latest(Containers.id(3)).isEmpty());
    }

    @Test
    void historyIsTheLatestFirstAcrossDaysAndTakesABatchTwice() {
        List<HealthSample> samples = IntStream.range(0, 10)
                .mapToObj(hour -> sample(1, NOON.plus(Duration.ofHours(4L * hour))))
                .toList();
        store.accept(samples);
        store.accept(samples);
        assertEquals(List.of(samples.get(6), samples.get(5), samples.get(4)), store.history(Containers.id(1),
                samples.get(1).sampledAt(), samples.get(7).sampledAt(), 3));
        assertEquals(samples.reversed(),
                store.history(Containers.id(1), NOON, NOON.plus(Duration.ofDays(9)), 100));
        assertEquals(samples.getLast(), store.latest(Containers.id(1)).orElseThrow());
    }

    @Test
    void daysAreUtcDaysWhateverTheSessionIs() {
        try (Database india = TestPostgres.fresh()) {
            Jdbi abroad = india.jdbi();
            abroad.useHandle(handle -> {
                handle.execute("set time zone 'Asia/Kolkata'");
                Jdbi session = Jdbi.create(handle.getConnection());
                session.installPlugin(new PostgresPlugin());
                var there = new HealthStore(session, _ -> {}, RETENTION_DAYS, () -> now);
                there.accept(List.of(sample(1, Instant.parse("2026-03-10T00:00:00Z")),
                        sample(1, Instant.parse("2026-03-10T23:59:59.999Z"))));
                there.runOnce();
                assertEquals(2, handle.createQuery("select count(*) from health_snapshots_20260310").mapTo(int.class)
                        .one());
                assertEquals(NOON.plus(Duration.ofHours(12)).minusMillis(1),
                        there.latest(Containers.id(1)).orElseThrow().sampledAt());
            });
        }
    }

    @Test
    void oldDaysAreDroppedWholeAndTheDaysToComeAreThere() {
        for (int ago = 0; ago < 10; ago++) {
            now = NOON.minus(Duration.ofDays(ago));
            store.accept(List.of(sample(1, now)));
        }
        now = NOON;
        store.runOnce();
        assertEquals(Stream.of("03", "04", "05", "06", "07", "08", "09", "10", "11", "12")
                .map(day -> "health_snapshots_202603" + day).toList(), partitions());
        assertEquals(8, store.history(Containers.id(1), Instant.EPOCH.plusSeconds(1), NOON.plusSeconds(1), 99).size());
    }

    @Test
    void sampleThatIsTooOldIsNotKept() {
        store.accept(List.of(sample(1, NOON.minus(Duration.ofDays(RETENTION_DAYS + 1))), sample(2, NOON)));
        assertEquals(List.of("health_snapshots_20260310"), partitions());
    }

    @Test
    void clockThatRunsAheadDropsNothing() {
        Instant today = Instant.now().truncatedTo(ChronoUnit.MILLIS);
        now = today;
        store.accept(List.of(sample(1, today)));
        now = today.plus(Duration.ofDays(400));
        store.runOnce();
        assertTrue(store.latest(Containers.id(1)).isPresent());
    }

    @Test
    void workersMayMaintainAndWriteAtTheSameTime() throws Exception {
        List<Future<?>> workers = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int worker = 0; worker < 6; worker++) {
                int number = worker;
                var other = new HealthStore(database.jdbi(), _ -> {}, RETENTION_DAYS, () -> NOON);
                workers.add(threads.submit(() -> {
                    other.runOnce();
                    other.accept(List.of(sample(number, NOON), sample(number, NOON.plus(Duration.ofDays(1)))));
                }));
            }
        }
        for (Future<?> worker : workers) {
            worker.get();
        }
        assertEquals(12, rows());
    }

    @Test
    void partitionThatVanishedIsMadeAnewWithTheNextTry() {
        store.accept(List.of(sample(1, NOON)));
        database.jdbi().useHandle(handle -> handle.execute("drop table health_snapshots_20260310"));
        assertThrows(JdbiException.class, () -> store.accept(List.of(sample(2, NOON))));
        store.accept(List.of(sample(2, NOON)));
        assertEquals(1, rows());
    }

    @Test
    void whoHasASuccessorChangesNothing() {
        store.accept(List.of(sample(1, NOON)));
        List<String> before = partitions();
        right = () -> {
            throw new IllegalStateException("there is a successor");
        };
        assertThrows(IllegalStateException.class, () -> store.accept(List.of(sample(2, NOON))));
        now = NOON.plus(Duration.ofDays(30));
        assertThrows(IllegalStateException.class, () -> store.accept(List.of(sample(2, now))));
        assertThrows(IllegalStateException.class, store::runOnce);
        assertEquals(1, rows());
        assertEquals(before, partitions());
    }

    private static HealthSample sample(int container, Instant at) {
        return new HealthSample(Containers.id(container), "web-" + container, "nginx:alpine", new HostId("host-a"), at,
                Duration.ofSeconds(60), 25.5, 45.2, OptionalDouble.of(67.8), Status.HEALTHY, List.of(), 0.13,
                OptionalDouble.of(0.5), 1, OptionalLong.of(1), OptionalLong.of(1), OptionalLong.of(1),
                OptionalLong.of(1), OptionalLong.of(1), OptionalLong.of(3), 0, "none");
    }

    private long rows() {
        return database.jdbi().withHandle(
                handle -> handle.createQuery("select count(*) from health_snapshots").mapTo(Long.class).one());
    }

    private List<String> partitions() {
        return database.jdbi().withHandle(handle -> handle.createQuery("""
                select inhrelid::regclass::text from pg_inherits
                where inhparent = 'health_snapshots'::regclass order by 1""").mapTo(String.class).list());
    }
}
