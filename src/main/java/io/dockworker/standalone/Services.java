package io.dockworker.standalone;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;

/** Kafka and PostgreSQL for one machine, with their data in one directory that survives stops and crashes. */
public final class Services implements AutoCloseable {
    private final Path directory;
    private final FileChannel lock;
    private final PostgresServer postgres;
    private final KafkaServer kafka;

    private Services(Path directory, FileChannel lock, PostgresServer postgres, KafkaServer kafka) {
        this.directory = directory;
        this.lock = lock;
        this.postgres = postgres;
        this.kafka = kafka;
    }

    /** The directory is in use by another process. */
    public static final class DirectoryInUse extends IOException {
        private static final long serialVersionUID = 1L;

        DirectoryInUse(Path directory) {
            super("another process runs services on " + directory + "; stop it, or choose another --data directory");
        }
    }

    /**
     * Starts both at once, in about two seconds on a new directory.
     *
     * @param kafkaPort    the port to begin with; if it is taken, the next free one is used
     * @param postgresPort likewise
     * @param notices      told of ports that were taken
     * @throws IOException if one of them cannot start; then neither runs
     */
    public static Services start(Path directory, int kafkaPort, int postgresPort, Consumer<String> notices)
            throws IOException, InterruptedException {
        Path absolute = directory.toAbsolutePath().normalize();
        Files.createDirectories(absolute);
        FileChannel lock = FileChannel.open(absolute.resolve("lock"), StandardOpenOption.CREATE,
                StandardOpenOption.WRITE);
        try {
            if (lock.tryLock() == null) {
                throw new DirectoryInUse(absolute);
            }
            Files.deleteIfExists(absolute.resolve("endpoints.env"));
            // An orphan would hold the very port that we want.
            PostgresServer.endOrphan(absolute.resolve("postgres"));
            return start(absolute, lock, choose("Kafka", kafkaPort, notices),
                    choose("PostgreSQL", postgresPort, notices));
        } catch (IOException | InterruptedException | RuntimeException e) {
            lock.close();
            throw e;
        }
    }

    private static Services start(Path directory, FileChannel lock, int kafkaPort, int postgresPort)
            throws IOException, InterruptedException {
        var kafka = CompletableFuture.supplyAsync(() -> {
            try {
                return KafkaServer.start(directory.resolve("kafka"), kafkaPort);
            } catch (IOException e) {
                throw new CompletionException(e);
            }
        });
        PostgresServer postgres;
        try {
            postgres = PostgresServer.start(directory.resolve("postgres"), postgresPort);
        } catch (IOException | InterruptedException | RuntimeException e) {
            kafka.thenAccept(KafkaServer::close).exceptionally(_ -> null).join();
            throw e;
        }
        try {
            return new Services(directory, lock, postgres, kafka.join());
        } catch (CompletionException e) {
            postgres.close();
            throw new IOException("Kafka did not start: " + e.getCause().getMessage(), e.getCause());
        }
    }

    public String bootstrapServers() {
        return kafka.bootstrapServers();
    }

    public String postgresUrl() {
        return postgres.url();
    }

    public Path directory() {
        return directory;
    }

    /**
     * Writes {@code endpoints.env}, which says that all is ready and where.
     *
     * @param httpUrl where a worker listens, if there is one
     */
    public void announce(Optional<String> httpUrl) throws IOException {
        String text = "KAFKA_BOOTSTRAP_SERVERS=" + bootstrapServers() + "\nPOSTGRES_URL=" + postgresUrl() + "\n"
                + httpUrl.map(url -> "HTTP_URL=" + url + "\n").orElse("");
        Path fresh = directory.resolve("endpoints.env.new");
        Files.writeString(fresh, text);
        Files.move(fresh, directory.resolve("endpoints.env"), StandardCopyOption.ATOMIC_MOVE,
                StandardCopyOption.REPLACE_EXISTING);
    }

    private static int choose(String name, int wanted, Consumer<String> notices) throws IOException {
        int port = Ports.firstFree(wanted);
        if (port != wanted) {
            notices.accept("port " + wanted + " is taken: " + name + " uses " + port);
        }
        return port;
    }

    @Override
    public void close() throws IOException {
        Files.deleteIfExists(directory.resolve("endpoints.env"));
        try {
            kafka.close();
        } finally {
            try {
                postgres.close();
            } finally {
                lock.close();
            }
        }
    }
}
