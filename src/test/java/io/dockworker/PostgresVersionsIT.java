package io.dockworker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.dockworker.postgres.Database;
import io.dockworker.postgres.PostgresAddress;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.testcontainers.kafka.KafkaContainer;
import org.testcontainers.postgresql.PostgreSQLContainer;
import org.testcontainers.utility.DockerImageName;

/**
 * The oldest and the newest PostgreSQL that are supported, and Kafka, each in a container as Testcontainers runs them:
 * commands in, results and events out.
 */
final class PostgresVersionsIT {
    private static final String IMAGE = "dockworker-postgres-versions-it:1";

    private static KafkaContainer kafka;

    @TempDir
    private Path directory;

    @BeforeAll
    static void startKafka() throws Exception {
        kafka = new KafkaContainer(DockerImageName.parse(TestImages.kafka()).asCompatibleSubstituteFor("apache/kafka"));
        kafka.start();
    }

    @AfterAll
    static void stopKafka() {
        kafka.stop();
    }

    @Test
    void theOldestIsEnough() throws Exception {
        livesThrough(TestImages.postgres(Path.of("target", "stand-in", "postgres-15.jar"), 15), "15");
    }

    @Test
    void theNewestIs() throws Exception {
        livesThrough(TestImages.postgres(), "18");
    }

    private void livesThrough(String image, String version) throws Exception {
        try (var postgres = new PostgreSQLContainer(
                DockerImageName.parse(image).asCompatibleSubstituteFor("postgres"));
                var _ = new TestImage(IMAGE);
                var upstream = new Upstream("postgres-" + version + ".", kafka.getBootstrapServers())) {
            postgres.start();
            String url = "postgresql://%s:%s@%s:%d/%s".formatted(postgres.getUsername(), postgres.getPassword(),
                    postgres.getHost(), postgres.getMappedPort(PostgreSQLContainer.POSTGRESQL_PORT),
                    postgres.getDatabaseName());
            List<String> flags = new ArrayList<>(upstream.flags(directory, "postgres-" + version));
            flags.removeIf(flag -> flag.startsWith("--postgres-url"));
            flags.add("--postgres-url=" + url);
            for (int start = 1; start <= 2; start++) { // the second finds its tables there
                try (Worker worker = Upstream.worker(flags)) {
                    assertTrue(worker.httpPort() > 0);
                    lives(upstream, "v" + version + "-" + start);
                }
            }
            try (var database = new Database(PostgresAddress.parse(url), new SimpleMeterRegistry())) {
                assertEquals(List.of("create", "start", "stop", "remove"), database.jdbi().withHandle(handle -> handle
                        .createQuery("select type from events where name = :name and cause = 'command' order by at")
                        .bind("name", "v" + version + "-2").mapTo(String.class).list()));
                assertEquals(version, database.jdbi().withHandle(handle -> handle
                        .createQuery("select split_part(current_setting('server_version'), '.', 1)")
                        .mapTo(String.class).one()));
            }
        }
    }

    private static void lives(Upstream upstream, String name) {
        upstream.send(name, "{\"id\":\"" + name + ".1\",\"type\":\"create\",\"name\":\"" + name
                + "\",\"pull_policy\":\"never\",\"network_mode\":\"none\",\"image\":\"" + IMAGE + "\"}");
        upstream.send(name, "{\"id\":\"" + name + ".2\",\"type\":\"stop\",\"target\":\"" + name + "\"}");
        upstream.send(name, "{\"id\":\"" + name + ".2\",\"type\":\"stop\",\"target\":\"" + name + "\"}");
        upstream.send(name, "{\"id\":\"" + name + ".3\",\"type\":\"remove\",\"target\":\"" + name + "\"}");
        for (int i = 1; i <= 3; i++) {
            JsonNode result = upstream.result(name + "." + i);
            assertEquals("succeeded", result.path("status").asText(), result::toString);
            assertEquals(1, upstream.results(name + "." + i).size());
        }
    }
}
