package io.dockworker.standalone;

import io.dockworker.postgres.TestPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;

/** One real broker for all tests of this JVM, started when first asked for, beside the one PostgreSQL server. */
public final class TestServices {
    private TestServices() {}

    public static String bootstrapServers() {
        return Broker.STARTED.bootstrapServers();
    }

    /** Where a new, empty database is. */
    public static String postgresUrl() {
        return TestPostgres.freshUrl();
    }

    /** Loaded, and so started, by the first test that needs it. */
    private static final class Broker {
        static final KafkaServer STARTED = start();

        private static KafkaServer start() {
            try {
                Path directory = Files.createTempDirectory("dockworker-test-kafka");
                KafkaServer server = KafkaServer.start(directory, Ports.anyFree());
                Runtime.getRuntime().addShutdownHook(new Thread(() -> {
                    server.close();
                    delete(directory);
                }));
                return server;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private static void delete(Path directory) {
            try (Stream<Path> files = Files.walk(directory)) {
                files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
