package io.dockworker.standalone;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A real PostgreSQL server, a child of this process, reachable on 127.0.0.1 alone, with every commit made durable. */
final class PostgresServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PostgresServer.class);
    private static final String DATABASE = "dockworker";

    private final EmbeddedPostgres server;

    private PostgresServer(EmbeddedPostgres server) {
        this.server = server;
    }

    static PostgresServer start(Path directory, int port) throws IOException, InterruptedException {
        Files.createDirectories(directory);
        Path data = directory.resolve("data");
        EmbeddedPostgres server = EmbeddedPostgres.builder().setDataDirectory(data).setCleanDataDirectory(false)
                .setRegisterShutdownHook(false).setOverrideWorkingDirectory(directory.resolve("binaries").toFile())
                .setPort(port)
                // The library switches these off, for tests that need no durability.
                .setServerConfig("fsync", "on").setServerConfig("synchronous_commit", "on")
                .setServerConfig("full_page_writes", "on").setServerConfig("listen_addresses", "127.0.0.1")
                .setServerConfig("max_connections", "100").setPGStartupWait(Duration.ofSeconds(60))
                .setOutputRedirector(ProcessBuilder.Redirect.appendTo(directory.resolve("postgres.log").toFile()))
                .setErrorRedirector(ProcessBuilder.Redirect.appendTo(directory.resolve("postgres.log").toFile()))
                .start();
        try {
            createDatabase(server);
        } catch (SQLException e) {
            server.close();
            throw new IOException("the database " + DATABASE + " cannot be made: " + e.getMessage(), e);
        }
        return new PostgresServer(server);
    }

    String url() {
        return "postgresql://postgres@127.0.0.1:" + server.getPort() + "/" + DATABASE;
    }

    private static void createDatabase(EmbeddedPostgres server) throws SQLException {
        try (Connection connection = server.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement()) {
            try (ResultSet row = statement
                    .executeQuery("select 1 from pg_database where datname = '" + DATABASE + "'")) {
                if (row.next()) {
                    return;
                }
            }
            statement.execute("create database " + DATABASE);
        }
    }

    /** A server whose parent was killed lives on and holds the data; no second one may touch them. */
    static void endOrphan(Path directory) throws IOException, InterruptedException {
        Path pidFile = directory.resolve("data").resolve("postmaster.pid");
        if (!Files.exists(pidFile)) {
            return;
        }
        List<String> lines = Files.readAllLines(pidFile);
        Optional<ProcessHandle> orphan = lines.isEmpty() || !lines.getFirst().strip().matches("[0-9]+")
                ? Optional.empty()
                : ProcessHandle.of(Long.parseLong(lines.getFirst().strip())).filter(PostgresServer::isPostgres);
        if (orphan.isPresent()) {
            LOG.info("ending the PostgreSQL server {} that an earlier process left behind", orphan.get().pid());
            // SIGQUIT is its immediate shutdown: it recovers from its log at the next start, as after a crash.
            new ProcessBuilder("kill", "-QUIT", String.valueOf(orphan.get().pid())).inheritIO().start().waitFor();
            for (int i = 0; i < 100 && orphan.get().isAlive(); i++) {
                Thread.sleep(Duration.ofMillis(100));
            }
            if (orphan.get().isAlive()) {
                orphan.get().destroyForcibly();
            }
        }
        Files.deleteIfExists(pidFile);
    }

    private static boolean isPostgres(ProcessHandle process) {
        return process.info().command().filter(command -> command.endsWith("postgres")).isPresent();
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
