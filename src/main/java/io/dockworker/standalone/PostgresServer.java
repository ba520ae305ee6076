package io.dockworker.standalone;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * A real PostgreSQL server, a child of this process, reachable on 127.0.0.1 alone and by password, with every commit
 * made durable. In {@code directory}: {@code data}, {@code password} and {@code postgres.log}.
 */
final class PostgresServer implements AutoCloseable {
    /** The user, who owns all, and the database. */
    private static final String NAME = "dockworker";
    /** Recovery after a crash is part of it. */
    private static final Duration START_PATIENCE = Duration.ofSeconds(60);
    /** For each way of stopping. */
    private static final Duration STOP_PATIENCE = Duration.ofSeconds(4);
    private static final long LOG_LIMIT_BYTES = 10L << 20;

    private final Process server;
    private final Process guard;
    private final String url;

    private PostgresServer(Process server, Process guard, String url) {
        this.server = server;
        this.guard = guard;
        this.url = url;
    }

    /** Ends what a killed process left on the directory; it would hold the data, and the port. */
    static void endOrphan(Path directory) throws IOException, InterruptedException {
        PostmasterPid.endOrphan(directory.resolve("data"));
    }

    static PostgresServer start(Path directory, int port) throws IOException, InterruptedException {
        Files.createDirectories(directory);
        PostgresBinaries binaries = PostgresBinaries.unpack(directory);
        Path data = directory.resolve("data");
        Path log = directory.resolve("postgres.log");
        if (Files.exists(log) && Files.size(log) > LOG_LIMIT_BYTES) {
            Files.move(log, directory.resolve("postgres.log.1"), StandardCopyOption.REPLACE_EXISTING);
        }
        String password = password(directory.resolve("password"));
        if (!Files.exists(data)) {
            initialize(binaries, directory, data);
        }
        Process server = launch(serverCommand(binaries, data, port), log);
        Process guard;
        try {
            guard = guard(server, data);
            awaitReady(server, data, log);
        } catch (IOException | InterruptedException e) {
            stop(server);
            throw e;
        }
        return new PostgresServer(server, guard,
                "postgresql://" + NAME + ":" + password + "@127.0.0.1:" + port + "/" + NAME);
    }

    /** With user and password. */
    String url() {
        return url;
    }

    /** Whoever may connect can run programs as the server's user, so that other users of the machine must not. */
    private static String password(Path file) throws IOException {
        if (!Files.exists(file)) {
            byte[] random = new byte[16];
            new SecureRandom().nextBytes(random);
            Path fresh = Files.createTempFile(file.getParent(), "password", ".new",
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            Files.writeString(fresh, HexFormat.of().formatHex(random));
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
        }
        return Files.readString(file).strip();
    }

    /** Either the data directory is whole, or it is not there and made anew. */
    private static void initialize(PostgresBinaries binaries, Path directory, Path data)
            throws IOException, InterruptedException {
        Path fresh = directory.resolve("data.new");
        PostgresBinaries.delete(fresh);
        run("", directory, binaries.program("initdb"), "-D", fresh.toString(), "-U", NAME, "--pwfile",
                directory.resolve("password").toString(), "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C",
                "--locale-provider=builtin", "--builtin-locale=C.UTF-8");
        run("create database " + NAME + "\n", directory, binaries.program("postgres"), "--single", "-D",
                fresh.toString(), "postgres");
        Files.move(fresh, data, StandardCopyOption.ATOMIC_MOVE);
    }

    private static List<String> serverCommand(PostgresBinaries binaries, Path data, int port) {
        List<String> command = new ArrayList<>(List.of(binaries.program("postgres"), "-D", data.toString(), "-p",
                String.valueOf(port)));
        for (String setting : List.of("listen_addresses=127.0.0.1", "unix_socket_directories=", "fsync=on",
                "synchronous_commit=on", "full_page_writes=on", "max_connections=100", "shared_buffers=32MB",
                "max_wal_size=256MB", "log_checkpoints=off", "log_timezone=UTC", "timezone=UTC")) {
            command.add("-c");
            command.add(setting);
        }
        return command;
    }

    private static Process launch(List<String> command, Path log) throws IOException {
        // In a session of its own: Ctrl-C reaches every process of the terminal's group, and a worker needs the
        // database until it has ended itself.
        List<String> line = new ArrayList<>(List.of("setsid"));
        line.addAll(unprivileged());
        line.addAll(command);
        return new ProcessBuilder(line).redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile())).start();
    }

    /** PostgreSQL refuses to be root; in a user namespace without a map it is nobody, and keeps root's files. */
    private static List<String> unprivileged() throws IOException {
        boolean root = (int) Files.getAttribute(Path.of("/proc/self"), "unix:uid") == 0;
        return root ? List.of("unshare", "--user") : List.of();
    }

    /** A pipe ends with the process that holds it, however that ends: then the server is stopped, too. */
    private static Process guard(Process server, Path data) throws IOException {
        return new ProcessBuilder("setsid", "sh", "-c",
                "read -r _; read -r pid <\"$1\" && [ \"$pid\" = \"$0\" ] && kill -INT \"$pid\"",
                String.valueOf(server.pid()), data.resolve("postmaster.pid").toString())
                .redirectOutput(ProcessBuilder.Redirect.DISCARD).redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    private static void awaitReady(Process server, Path data, Path log) throws IOException, InterruptedException {
        long end = System.nanoTime() + START_PATIENCE.toNanos();
        while (PostmasterPid.read(data).filter(file -> file.pid() == server.pid() && file.ready()).isEmpty()) {
            if (!server.isAlive()) {
                throw new IOException("PostgreSQL ended at once: " + complaint(log) + " (more in " + log + ")");
            }
            if (System.nanoTime() > end) {
                throw new IOException(
                        "PostgreSQL was not ready after " + START_PATIENCE.toSeconds() + " s, see " + log);
            }
            Thread.sleep(Duration.ofMillis(10));
        }
    }

    private static void run(String input, Path directory, String... command) throws IOException, InterruptedException {
        List<String> line = new ArrayList<>(unprivileged());
        line.addAll(List.of(command));
        Path output = directory.resolve("initdb.log");
        Process process = new ProcessBuilder(line).redirectErrorStream(true).redirectOutput(output.toFile()).start();
        try (OutputStream in = process.getOutputStream()) {
            in.write(input.getBytes(StandardCharsets.UTF_8));
        }
        if (process.waitFor() != 0) {
            throw new IOException("PostgreSQL's data directory cannot be made: " + complaint(output) + " (more in "
                    + output + ")");
        }
        Files.delete(output);
    }

    /** What ended it, if that was said, else what was said last. */
    private static String complaint(Path file) throws IOException {
        List<String> lines = Files.readAllLines(file, StandardCharsets.ISO_8859_1).stream()
                .filter(line -> !line.isBlank()).toList();
        return lines.reversed().stream().filter(line -> line.contains("FATAL")).findFirst()
                .or(() -> lines.reversed().stream().findFirst()).orElse("it said nothing").strip();
    }

    private static void stop(Process server) throws IOException, InterruptedException {
        for (PostmasterPid.Shutdown how : PostmasterPid.Shutdown.values()) {
            PostmasterPid.signal(server.toHandle(), how);
            if (server.waitFor(STOP_PATIENCE)) {
                return;
            }
        }
        server.destroyForcibly();
    }

    @Override
    public void close() throws IOException {
        try {
            stop(server);
        } catch (InterruptedException _) {
            server.destroyForcibly();
            Thread.currentThread().interrupt();
        } finally {
            guard.destroy();
        }
    }
}
