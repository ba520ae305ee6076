package io.dockworker;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.dockworker.kafka.OutboundRecord;
import io.dockworker.kafka.Publisher;
import io.dockworker.kafka.ReadCommitted;
import io.dockworker.kafka.TopicAdmin;
import io.dockworker.kafka.TopicCatalog;
import io.dockworker.standalone.TestServices;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/** An upstream service of a test: topics and a database of its own on real services, commands out, results back. */
final class Upstream implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    final String prefix;
    final String postgresUrl = TestServices.postgresUrl();
    private final Publisher publisher;

    Upstream(String prefix) throws InterruptedException {
        this.prefix = prefix;
        Properties client = new Properties();
        client.put("bootstrap.servers", TestServices.bootstrapServers());
        new TopicAdmin(Map.of("bootstrap.servers", TestServices.bootstrapServers()), TopicCatalog.load(prefix),
                OptionalInt.of(1)).ensure(true);
        publisher = new Publisher(client, Duration.ofSeconds(10));
    }

    /** Settings of a worker for these topics and this database, as flags. */
    List<String> flags(java.nio.file.Path lockDirectory, String host) {
        return List.of("--kafka-bootstrap-servers=" + TestServices.bootstrapServers(), "--postgres-url=" + postgresUrl,
                "--topic-prefix=" + prefix, "--lock-dir=" + lockDirectory, "--host-id=" + host, "--http-port=0",
                "--health-interval-seconds=1", "--host-heartbeat-seconds=1");
    }

    void send(String key, String command) {
        publisher.publish(new OutboundRecord(prefix + "commands", key.getBytes(StandardCharsets.UTF_8),
                command.getBytes(StandardCharsets.UTF_8), List.of())).join();
    }

    /** All results of a command so far. */
    List<JsonNode> results(String id) {
        return values("results").stream().filter(result -> result.path("command_id").asText().equals(id)).toList();
    }

    /** The first result of a command; waits for it. */
    JsonNode result(String id) {
        Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> !results(id).isEmpty());
        return results(id).getFirst();
    }

    List<JsonNode> values(String topic) {
        return ReadCommitted.values(TestServices.bootstrapServers(), prefix + topic).stream().map(Upstream::parse)
                .toList();
    }

    static String docker(String... arguments) throws IOException, InterruptedException {
        var command = new java.util.ArrayList<>(List.of("docker"));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
            throw new IOException(command + ": " + said);
        }
        return said;
    }

    private static JsonNode parse(String json) {
        try {
            return JSON.readTree(json);
        } catch (IOException e) {
            throw new IllegalArgumentException(json, e);
        }
    }

    @Override
    public void close() {
        publisher.close();
    }
}
