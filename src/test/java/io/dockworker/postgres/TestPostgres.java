package io.dockworker.postgres;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.atomic.AtomicInteger;

/** One real PostgreSQL server for all tests of this JVM, started when first asked for. It does not wait for disks. */
public final class TestPostgres {
    private static final AtomicInteger COUNT = new AtomicInteger();

    private TestPostgres() {}

    /** The address of a new, empty database. */
    public static PostgresAddress freshAddress() {
        String name = "test_" + COUNT.incrementAndGet();
        try (Connection connection = Server.STARTED.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("create database " + name);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        return PostgresAddress.parse("postgresql://postgres@127.0.0.1:" + Server.STARTED.getPort() + "/" + name);
    }

    /** A new database with the whole schema. The caller closes it. */
    public static Database fresh() {
        var database = new Database(freshAddress(), new SimpleMeterRegistry());
        database.migrate();
        return database;
    }

    /** Loaded, and so started, by the first test that needs it; the library stops it when the JVM ends. */
    private static final class Server {
        static final EmbeddedPostgres STARTED = start();

        private static EmbeddedPostgres start() {
            try {
                return EmbeddedPostgres.builder().setServerConfig("max_connections", "300").start();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
