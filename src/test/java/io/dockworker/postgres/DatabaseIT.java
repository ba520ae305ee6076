package io.dockworker.postgres;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DatabaseIT {
    private static final String IDLE = "show idle_in_transaction_session_timeout";

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
    void whoeverStopsInTheMiddleOfATransactionGivesBackItsLocks() throws SQLException {
        try (Database database = TestPostgres.fresh();
                Connection direct = database.openDirect();
                Statement statement = direct.createStatement()) {
            assertEquals("10s", database.inTransaction(
                    handle -> handle.createQuery(IDLE).mapTo(String.class).one()));
            try (ResultSet row = statement.executeQuery(IDLE)) {
                row.next();
                assertEquals("10s", row.getString(1));
            }
            statement.execute("set idle_in_transaction_session_timeout = '100ms'");
            statement.execute("begin; select pg_advisory_xact_lock(1)");
            database.inTransaction(handle -> handle.execute("select pg_advisory_xact_lock(1)"));
            assertThrows(SQLException.class, () -> statement.execute("commit"));
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
    void poolIsMadeWithoutAServerAndSaysThatItMayComeBack() throws Exception {
        int closed;
        try (var socket = new ServerSocket(0)) {
            closed = socket.getLocalPort();
        }
        PostgresAddress nobody = PostgresAddress.parse("postgresql://x@127.0.0.1:" + closed + "/x");
        try (var database = new Database(nobody, new SimpleMeterRegistry());
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            // Each waits for a connection as long as it may: both at the same time.
            Future<Boolean> answers = threads.submit(database::answers);
            JdbiException failure = assertThrows(JdbiException.class,
                    () -> database.inTransaction(handle -> handle.execute("select 1")));
            assertEquals(Fault.AWAY, Fault.of(failure));
            assertFalse(answers.get());
        }
    }

    @Test
    void onlyWhatRefusesTheContentIsOfTheContent() {
        try (Database database = TestPostgres.fresh()) {
            assertEquals(Fault.CONTENT, fault(database, "select 1 / 0"));
            assertEquals(Fault.CONTENT, fault(database, "insert into names (name, lane) values ('web', 1)"));
            assertEquals(Fault.AILING, fault(database, "select nonsense"));
            assertEquals(Fault.AWAY, fault(database, "select pg_terminate_backend(pg_backend_pid())"));
            assertEquals(Fault.AWAY, fault(database, "set statement_timeout = 1; select pg_sleep(10)"));
        }
        PostgresAddress absent = PostgresAddress
                .parse(TestPostgres.freshAddress().jdbcUrl().replaceFirst("test_[0-9]+", "absent"));
        try (var database = new Database(absent, new SimpleMeterRegistry())) {
            assertEquals(Fault.AILING, fault(database, "select 1"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"0A000", "25P03", "25P04", "26000", "28000", "42501", "58000", "XX000"})
    void aFaultOfTheMomentOrOfTheInstallationIsNotOfTheContent(String state) {
        try (Database database = TestPostgres.fresh()) {
            assertEquals(Fault.AILING,
                    fault(database, "do $$ begin raise 'ill' using errcode = '" + state + "'; end $$"));
        }
    }

    private static Fault fault(Database database, String sql) {
        return Fault.of(assertThrows(JdbiException.class,
                () -> database.inTransaction(handle -> handle.execute(sql))));
    }
}
