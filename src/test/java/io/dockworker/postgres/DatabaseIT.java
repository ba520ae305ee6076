package io.dockworker.postgres;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.ServerSocket;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.TimeZone;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.awaitility.Awaitility;
import org.jdbi.v3.core.JdbiException;
import org.junit.jupiter.api.Test;

class DatabaseIT {
    @Test
    void sessionsAreInUtcWhateverTheProcessIs() throws SQLException {
        TimeZone before = TimeZone.getDefault();
        TimeZone.setDefault(TimeZone.getTimeZone("Asia/Kolkata"));
        try (var database = new Database(TestPostgres.freshAddress(), new SimpleMeterRegistry())) {
            assertEquals("UTC", database
                    .inTransaction(handle -> handle.createQuery("show time zone").mapTo(String.class).one()));
            try (Connection direct = database.openDirect();
                    Statement statement = direct.createStatement();
                    ResultSet row = statement.executeQuery("show time zone")) {
                row.next();
                assertEquals("UTC", row.getString(1));
            }
        } finally {
            TimeZone.setDefault(before);
        }
    }

    @Test
    void workersMigrateOneAfterTheOther() throws Exception {
        PostgresAddress address = TestPostgres.freshAddress();
        try (var database = new Database(address, new SimpleMeterRegistry());
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<?> waiting;
            try (Connection first = database.openDirect(); Statement lock = first.createStatement()) {
                lock.execute("select pg_advisory_lock(" + Database.MIGRATION_LOCK + ")");
                waiting = threads.submit(() -> TestPostgres.migrated(address).close());
                Awaitility.await("a worker that waits").until(() -> number(database, """
                        select count(*) from pg_locks where locktype = 'advisory' and not granted and database =
                            (select oid from pg_database where datname = current_database())""") == 1);
                assertEquals(0, number(database, "select count(*) from pg_tables where schemaname = 'public'"));
            }
            waiting.get();
            assertEquals(0, number(database, "select count(*) from health_snapshots"));
        }
    }

    private static long number(Database database, String sql) {
        return database.inTransaction(handle -> handle.createQuery(sql).mapTo(Long.class).one());
    }

    @Test
    void poolIsMadeWithoutAServerAndSaysThatItMayComeBack() throws IOException {
        int closed;
        try (var socket = new ServerSocket(0)) {
            closed = socket.getLocalPort();
        }
        PostgresAddress nobody = PostgresAddress.parse("postgresql://x@127.0.0.1:" + closed + "/x");
        try (var database = new Database(nobody, new SimpleMeterRegistry())) {
            assertFalse(database.answers());
            JdbiException failure = assertThrows(JdbiException.class,
                    () -> database.inTransaction(handle -> handle.execute("select 1")));
            assertTrue(Database.isTransient(failure));
        }
    }

    @Test
    void faultsOfOursDoNotLookAsIfTheyWouldPass() {
        try (Database database = TestPostgres.fresh()) {
            JdbiException wrong = assertThrows(JdbiException.class,
                    () -> database.inTransaction(handle -> handle.execute("select nonsense")));
            assertFalse(Database.isTransient(wrong));
            JdbiException ended = assertThrows(JdbiException.class, () -> database.inTransaction(
                    handle -> handle.execute("select pg_terminate_backend(pg_backend_pid())")));
            assertTrue(Database.isTransient(ended));
        }
        PostgresAddress absent = PostgresAddress
                .parse(TestPostgres.freshAddress().jdbcUrl().replaceFirst("test_[0-9]+", "absent"));
        try (var database = new Database(absent, new SimpleMeterRegistry())) {
            JdbiException refused = assertThrows(JdbiException.class,
                    () -> database.inTransaction(handle -> handle.execute("select 1")));
            assertFalse(Database.isTransient(refused));
        }
    }
}
