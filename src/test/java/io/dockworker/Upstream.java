package io.dockworker;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.dockworker.execution.Checkpoint;
import io.dockworker.kafka.Deletion;
import io.dockworker.kafka.OutboundRecord;
import io.dockworker.kafka.Publisher;
import io.dockworker.kafka.RawRecord;
import io.dockworker.kafka.ReadCommitted;
import io.dockworker.kafka.TopicAdmin;
import io.dockworker.kafka.TopicCatalog;
import io.dockworker.kafka.TopicDefinition;
import io.dockworker.settings.Settings;
import io.dockworker.standalone.TestServices;
import io.dockworker.wire.TopicSchemas;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;

/** An upstream service of a test: topics and a database of its own on real services, commands out, results back. */
final class Upstream implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    final String prefix;
    final String postgresUrl;
    private final String bootstrapServers;
    private final Publisher publisher;
    private final Map<String, ReadCommitted> readers = new ConcurrentHashMap<>();
    private final Map<String, Integer> checked = new ConcurrentHashMap<>();
    private final Map<String, List<JsonNode>> values = new ConcurrentHashMap<>();

    Upstream(String prefix) throws InterruptedException {
        this(prefix, TestServices.bootstrapServers());
    }

    Upstream(String prefix, String bootstrapServers) throws InterruptedException {
        this(prefix, bootstrapServers, TestServices.postgresUrl(), Duration.ofSeconds(10));
    }

    /** @param patience how long a command may wait for the broker */
    Upstream(String prefix, String bootstrapServers, String postgresUrl, Duration patience)
            throws InterruptedException {
        this.prefix = prefix;
        this.postgresUrl = postgresUrl;
        this.bootstrapServers = bootstrapServers;
        makeTopics();
        publisher = new Publisher(client(), patience);
    }

    /** Settings of a worker for these topics and this database, as flags. */
    List<String> flags(java.nio.file.Path lockDirectory, String host) {
        return List.of("--kafka-bootstrap-servers=" + bootstrapServers, "--postgres-url=" + postgresUrl,
                "--topic-prefix=" + prefix, "--lock-dir=" + lockDirectory, "--host-id=" + host, "--http-port=0",
                "--health-interval-seconds=1", "--host-heartbeat-seconds=1");
    }

    /** A worker in this process. */
    static Worker worker(List<String> flags) throws Exception {
        Coverage.sawFlags(flags);
        return Worker.start(Settings.read(Map.of(), flags), Worker.How.WITH_ANY_PORT, Checkpoint.NONE);
    }

    void send(String key, String command) {
        send(key, Map.of(), command);
    }

    void send(String key, Map<String, String> headers, String command) {
        begin(key, headers, command).join();
    }

    /** The future ends when it has been acknowledged. */
    CompletableFuture<Void> begin(String key, Map<String, String> headers, String command) {
        return publisher.publish(new OutboundRecord(prefix + "commands", utf8(key), utf8(command),
                headers.entrySet().stream()
                        .map(header -> new RawRecord.Header(header.getKey(), utf8(header.getValue()))).toList()));
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** What a topic has is deleted, read or not. */
    void delete(String topic) throws InterruptedException, ExecutionException {
        Deletion.ofAll(bootstrapServers, prefix + topic);
    }

    /** A topic is deleted with all that it has, and made anew. */
    void remake(String topic) throws InterruptedException, ExecutionException {
        Deletion.of(bootstrapServers, prefix + topic);
        makeTopics();
    }

    /** No topic keeps what is older than some minutes. */
    void forgetSoon() throws InterruptedException, ExecutionException {
        Deletion.soon(bootstrapServers, TopicCatalog.load(prefix).topics().stream().map(TopicDefinition::name)
                .toList());
    }

    private void makeTopics() throws InterruptedException {
        new TopicAdmin(client(), TopicCatalog.load(prefix), OptionalInt.of(1)).ensure(true);
    }

    private Properties client() {
        Properties client = new Properties();
        client.put("bootstrap.servers", bootstrapServers);
        return client;
    }

    /** All results of a command so far. */
    List<JsonNode> results(String id) {
        return values("results").stream().filter(result -> result.path("command_id").asText().equals(id)).toList();
    }

    /** The first result of a command; waits for it. */
    JsonNode result(String id) {
        // Most are there already, or soon: there are too many of them to wait a tenth of a second before each look.
        return Awaitility.await().pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(50))
                .atMost(Duration.ofSeconds(60)).until(() -> results(id), found -> !found.isEmpty()).getFirst();
    }

    /** Everything on a topic. Each value is read once: some topics are asked for again and again. */
    List<JsonNode> values(String topic) {
        List<ReadCommitted.Seen> seen = seen(topic);
        List<JsonNode> read = values.computeIfAbsent(topic, _ -> new ArrayList<>());
        synchronized (read) {
            seen.subList(Math.min(read.size(), seen.size()), seen.size())
                    .forEach(record -> read.add(parse(record.value())));
            return List.copyOf(read);
        }
    }

    /** Everything on a topic, each record held against the topic's schema. */
    List<ReadCommitted.Seen> seen(String topic) {
        List<ReadCommitted.Seen> seen = records(topic);
        seen.subList(checked.getOrDefault(topic, 0), seen.size())
                .forEach(record -> TopicSchemas.check(topic, record.headers(), record.value()));
        checked.put(topic, seen.size());
        return seen;
    }

    private List<ReadCommitted.Seen> records(String topic) {
        return readers.computeIfAbsent(topic, _ -> new ReadCommitted(bootstrapServers, prefix + topic)).records();
    }

    /** The latest value of each container; empty where that is a tombstone. */
    Map<String, Optional<JsonNode>> latest(String topic) {
        Map<String, Optional<JsonNode>> latest = new HashMap<>();
        records(topic).forEach(record -> latest
                .put(record.headers().get("ce_subject"), Optional.ofNullable(record.value()).map(Upstream::parse)));
        return latest;
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

    /** What has passed is noted. */
    @Override
    public void close() {
        publisher.close();
        values("results").forEach(Coverage::sawResult);
        values("events").forEach(event -> Coverage.saw("event", event.path("type").asText()));
        seen("commands.dlq").forEach(
                letter -> Coverage.saw("dead-letter", letter.headers().get("dockworker_error_code")));
        Set<String> executed = values("results").stream().filter(result -> result.path("error").isNull())
                .map(result -> result.path("command_id").asText()).collect(Collectors.toSet());
        records("commands").stream().map(ReadCommitted.Seen::value).filter(Objects::nonNull)
                .flatMap(value -> command(value).stream())
                .filter(command -> executed.contains(command.path("id").asText())).forEach(Coverage::sawCommand);
        readers.values().forEach(ReadCommitted::close);
    }

    /** Empty for what is no JSON. */
    private static Optional<JsonNode> command(String value) {
        try {
            return Optional.of(JSON.readTree(value));
        } catch (IOException _) {
            return Optional.empty();
        }
    }
}
