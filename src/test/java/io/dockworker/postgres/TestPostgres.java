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
        return PostgresAddress.parse(freshUrl());
    }

    /** The same as a worker's settings say it. */
    public static String freshUrl() {
        return create("template1");
    }

    /** A new database with the whole schema, copied from one that was migrated. The caller closes it. */
    public static Database fresh() {
        return open(create(Server.TEMPLATE));
    }

    /** The database at this address, with the whole schema. The caller closes it. */
    public static Database migrated(PostgresAddress address) {
        var database = new Database(address, new SimpleMeterRegistry());
        database.migrate();
        return database;
    }

    private static Database open(String url) {
        return new Database(PostgresAddress.parse(url), new SimpleMeterRegistry());
    }

    private static String create(String template) {
        String name = "test_" + COUNT.incrementAndGet();
        // A template may be copied by one at a time only.
        synchronized (Server.STARTED) {
            execute(Server.STARTED, "create database " + name + " template " + template);
        }
        return url(Server.STARTED, name);
    }

    private static String url(EmbeddedPostgres server, String database) {
        return "postgresql://postgres@127.0.0.1:" + server.getPort() + "/" + database;
    }

    private static void execute(EmbeddedPostgres server, String sql) {
        try (Connection connection = server.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Loaded, and so started, by the first test that needs it; the library stops it when the JVM ends. */
    private static final class Server {
        static final String TEMPLATE = "migrated";
        static final EmbeddedPostgres STARTED = start();

        private static EmbeddedPostgres start() {
            try {
                EmbeddedPostgres server = EmbeddedPostgres.builder().setServerConfig("max_connections", "300").start();
                execute(server, "create database " + TEMPLATE);
                migrated(PostgresAddress.parse(url(server, TEMPLATE))).close();
                return server;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
