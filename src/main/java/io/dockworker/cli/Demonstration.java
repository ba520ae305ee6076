package io.dockworker.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dockworker.Worker;
import io.dockworker.journal.Events;
import io.dockworker.kafka.OutboundRecord;
import io.dockworker.kafka.Publisher;
import io.dockworker.kafka.TopicReader;
import io.dockworker.postgres.Database;
import io.dockworker.postgres.PostgresAddress;
import io.dockworker.standalone.Services;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.UUID;
import java.util.function.Predicate;

/** The demo's script, as an upstream service would live it: commands out, results and samples back. */
final class Demonstration {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String CONTAINER = "dockworker-demo-web";

    private final String prefix;
    private final Services services;
    private final Worker worker;
    private final DemoImage image;
    private final Screen screen;
    private final ObjectMapper json = new ObjectMapper();
    private final HttpClient http = HttpClient.newHttpClient();
    private final Deque<JsonNode> samples = new ArrayDeque<>();
    private boolean failed;

    Demonstration(String prefix, Services services, Worker worker, DemoImage image, Screen screen) {
        this.prefix = prefix;
        this.services = services;
        this.worker = worker;
        this.image = image;
        this.screen = screen;
    }

    /** @return the exit code */
    int run() throws Exception {
        Properties client = new Properties();
        client.put("bootstrap.servers", services.bootstrapServers());
        try (Publisher publisher = new Publisher(client, Duration.ofSeconds(10));
                TopicReader reader = new TopicReader(client, List.of(prefix + "results", prefix + "health"))) {
            screen.section(
                    "Commands, published to " + prefix + "commands; results, as " + prefix + "results brings them");
            JsonNode created = send(publisher, reader, create());
            visit(created.path("containers").path(0).path("ports").path("80/tcp").path(0).path("host_port").asInt());
            showHealth(reader);
            send(publisher, reader, command("stop").put("stop_grace_period", "2s"));
            send(publisher, reader, command("start"));
            send(publisher, reader, command("remove"));
        }
        showEvents();
        showMetrics();
        screen.section(
                failed ? "Something failed, see above." : "Done. The container, the image and the data are gone.");
        return failed ? Exit.FAILED.code : Exit.DONE.code;
    }

    private ObjectNode create() {
        ObjectNode create = command("create").put("image", image.name().given()).put("name", CONTAINER);
        create.remove("target");
        create.putObject("env").put("GREETING", "hello");
        create.putObject("ports").put("80/tcp", 0);
        create.putObject("resources").put("cpu_limit", "500m").put("memory_limit", "64m");
        if (!image.command().isEmpty()) {
            image.command().forEach(create.putArray("command")::add);
        }
        return create;
    }

    private ObjectNode command(String type) {
        return json.createObjectNode().put("id", UUID.randomUUID().toString()).put("type", type).put("target",
                CONTAINER);
    }

    private JsonNode send(Publisher publisher, TopicReader reader, ObjectNode command) throws InterruptedException {
        ObjectNode shown = command.deepCopy();
        shown.remove("id");
        screen.line("→", shown.toString());
        publisher.publish(new OutboundRecord(prefix + "commands", CONTAINER.getBytes(StandardCharsets.UTF_8),
                command.toString().getBytes(StandardCharsets.UTF_8), List.of())).join();
        String id = command.path("id").asText();
        JsonNode result = await(reader, "results", message -> message.path("command_id").asText().equals(id))
                .orElseThrow(
                        () -> new Exit.Because(Exit.FAILED, "no result came within " + PATIENCE.toSeconds() + " s"));
        if (result.path("status").asText().equals("succeeded")) {
            screen.good(command.path("type").asText(), describe(result));
        } else {
            failed = true;
            screen.bad(command.path("type").asText(), result.path("status").asText() + ": "
                    + result.path("error").path("code").asText() + " " + result.path("error").path("message").asText());
        }
        return result;
    }

    private static String describe(JsonNode result) {
        JsonNode container = result.path("containers").path(0);
        var text = new StringBuilder("succeeded");
        if (!result.path("type").asText().equals("remove")) {
            text.append(", ").append(container.path("name").asText()).append(" is ")
                    .append(container.path("state").asText());
        }
        container.path("ports").properties().forEach(port -> {
            if (!result.path("type").asText().equals("remove")) {
                text.append(", port ").append(port.getKey()).append(" at ")
                        .append(port.getValue().path(0).path("host_port").asInt());
            }
        });
        text.append("   (");
        result.path("timings_ms").properties().stream()
                .filter(phase -> !phase.getKey().equals("pull"))
                .forEach(phase -> text.append(phase.getKey()).append(' ').append(phase.getValue().asLong())
                        .append(" ms, "));
        text.setLength(text.length() - 2);
        return text.append(')').toString();
    }

    private void visit(int port) throws InterruptedException {
        if (port == 0) {
            return;
        }
        for (int tries = 0; tries < 20; tries++) {
            try {
                String page = http.send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/")).build(),
                        HttpResponse.BodyHandlers.ofString()).body().strip();
                screen.line("", "http://127.0.0.1:" + port + "/ says: " + page.lines().findFirst().orElse(""));
                return;
            } catch (IOException _) {
                Thread.sleep(Duration.ofMillis(100));
            }
        }
    }

    private void showHealth(TopicReader reader) throws InterruptedException {
        screen.section("Health, as " + prefix + "health brings it (every second here; by default every minute)");
        for (int i = 0; i < 3; i++) {
            Optional<JsonNode> sample = await(reader, "health",
                    message -> message.path("name").asText().equals(CONTAINER));
            if (sample.isEmpty()) {
                failed = true;
                screen.bad("health", "no sample came");
                return;
            }
            JsonNode one = sample.get();
            screen.good(one.path("status").asText(),
                    "CPU %.1f %% of %s cores, memory %.1f %% of %d MiB, disk %.0f %% used"
                            .formatted(one.path("cpu_usage").asDouble(), one.path("cpu_limit_cores").asText(),
                                    one.path("memory_usage").asDouble(), one.path("memory_limit_bytes").asLong() >> 20,
                                    one.path("disk_usage").asDouble()));
        }
        screen.section("Commands again");
    }

    private Optional<JsonNode> await(TopicReader reader, String topic, Predicate<JsonNode> wanted)
            throws InterruptedException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (System.nanoTime() < end) {
            if (topic.equals("health") && !samples.isEmpty()) {
                return Optional.of(samples.removeFirst());
            }
            Optional<JsonNode> found = Optional.empty();
            for (TopicReader.Read read : reader.poll(Duration.ofMillis(200))) {
                JsonNode message = parse(read.record().value());
                if (read.topic().equals(prefix + topic) && wanted.test(message) && found.isEmpty()) {
                    found = Optional.of(message);
                } else if (read.topic().equals(prefix + "health") && message.path("name").asText().equals(CONTAINER)) {
                    samples.add(message);
                }
            }
            if (found.isPresent()) {
                return found;
            }
        }
        return Optional.empty();
    }

    private void showEvents() {
        screen.section("Events, from PostgreSQL");
        try (Database database = new Database(PostgresAddress.parse(services.postgresUrl()),
                new SimpleMeterRegistry())) {
            for (Events.Row event : new Events(database.jdbi()).ofName(CONTAINER, 20)) {
                screen.line(event.type(), event.at() + "   by " + event.cause() + " " + event.commandId());
            }
        }
    }

    private void showMetrics() throws IOException, InterruptedException {
        screen.section("Metrics, from " + worker.httpUrl() + "/metrics");
        http.send(HttpRequest.newBuilder(URI.create(worker.httpUrl() + "/metrics")).build(),
                HttpResponse.BodyHandlers.ofLines()).body()
                .filter(line -> line.startsWith("dockworker_commands_total")
                        || line.startsWith("dockworker_health_samples_total"))
                .forEach(line -> screen.line("", line));
    }

    private JsonNode parse(byte[] message) {
        try {
            return message == null ? json.nullNode() : json.readTree(message);
        } catch (IOException e) {
            throw new IllegalStateException("a message of ours is no JSON", e);
        }
    }
}
