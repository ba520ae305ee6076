package io.dockworker.standalone;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
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

    /** One of the two cannot run here; neither does. */
    public static sealed class NotStarted extends IOException {
        private static final long serialVersionUID = 1L;

        private NotStarted(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /** The directory is in use, by another process or by this one. */
    public static final class DirectoryInUse extends NotStarted {
        private static final long serialVersionUID = 1L;

        DirectoryInUse(Path directory) {
            super("services already run on " + directory + holder(directory)
                    + ": stop them, or choose another directory with --data",
                    null);
        }

        private static String holder(Path directory) {
            try {
                return " (process " + Files.readString(directory.resolve("lock")).strip() + ")";
            } catch (IOException _) {
                return "";
            }
        }
    }

    /**
     * Starts both at once, in about two seconds on a new directory.
     *
     * @param kafkaPort    the port to begin with; if it is taken, the next free one is used; 0: any
     * @param postgresPort likewise
     * @param notices      told of ports that were taken
     * @throws NotStarted if the directory is in use, or one of them cannot start; then neither runs
     */
    public static Services start(Path directory, int kafkaPort, int postgresPort, Consumer<String> notices)
            throws NotStarted, InterruptedException {
        try {
            return lockAndStart(directory, kafkaPort, postgresPort, notices);
        } catch (NotStarted e) {
            throw e;
        } catch (IOException e) {
            throw new NotStarted("services cannot run on " + directory + ": " + e.getMessage(), e);
        }
    }

    private static Services lockAndStart(Path directory, int kafkaPort, int postgresPort, Consumer<String> notices)
            throws IOException, InterruptedException {
        Path absolute = directory.toAbsolutePath().normalize();
        Files.createDirectories(absolute);
        FileChannel lock = FileChannel.open(absolute.resolve("lock"), StandardOpenOption.CREATE,
                StandardOpenOption.WRITE);
        try {
            lock(absolute, lock);
            Files.deleteIfExists(absolute.resolve("endpoints.env"));
            // An orphan would hold the very port that we want.
            PostgresServer.endOrphan(absolute.resolve("postgres"));
            int kafka = choose("Kafka", kafkaPort, 0, notices);
            return start(absolute, lock, kafka, choose("PostgreSQL", postgresPort, kafka, notices));
        } catch (IOException | InterruptedException | RuntimeException e) {
            lock.close();
            throw e;
        }
    }

    private static void lock(Path directory, FileChannel lock) throws IOException {
        try {
            if (lock.tryLock() == null) {
                throw new DirectoryInUse(directory);
            }
            // For whoever finds it taken.
            lock.truncate(0);
            lock.write(ByteBuffer.wrap((ProcessHandle.current().pid() + "\n").getBytes(StandardCharsets.US_ASCII)), 0);
        } catch (OverlappingFileLockException _) {
            throw new DirectoryInUse(directory);
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

    /** With user and password. */
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
        // It holds the database's password: for its owner alone.
        Path fresh = Files.createTempFile(directory, "endpoints", ".new",
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(fresh, text);
        Files.move(fresh, directory.resolve("endpoints.env"), StandardCopyOption.ATOMIC_MOVE,
                StandardCopyOption.REPLACE_EXISTING);
    }

    /** @param given a port that is promised to the other */
    private static int choose(String name, int wanted, int given, Consumer<String> notices) throws IOException {
        int port = wanted == 0 ? Ports.anyFree() : Ports.firstFree(wanted, given);
        if (wanted != 0 && port != wanted) {
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
