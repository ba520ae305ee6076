package io.dockworker.bench.naive;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dockworker.bench.audit.EngineSocket;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * A worker as one would write it first: it reads a command, does it, sends the result, and then commits the offset. That
 * is at least once, and right as long as it lives: it even passes over what it has had before. Arguments: the brokers, the
 * prefix of the topics, the engine's socket.
 */
public final class NaiveWorker {
    private static final JsonMapper JSON = new JsonMapper();

    private final NaiveCommands commands;
    private final String prefix;
    private final Set<String> seen = new HashSet<>();

    private NaiveWorker(EngineSocket engine, String prefix) {
        this.commands = new NaiveCommands(engine);
        this.prefix = prefix;
    }

    public static void main(String[] arguments) throws Exception {
        // It ends with whoever started it, however that one ends.
        ProcessHandle.current().parent().ifPresent(parent -> {
            var _ = parent.onExit().thenRun(() -> System.exit(0));
        });
        Map<String, Object> common = Map.of("bootstrap.servers", arguments[0]);
        Properties reading = new Properties();
        reading.putAll(common);
        reading.put("group.id", arguments[1] + "naive");
        // Whoever comes after a crash need not wait until the group has missed the one before.
        reading.put("group.instance.id", "naive");
        reading.put("enable.auto.commit", "false");
        reading.put("auto.offset.reset", "earliest");
        reading.put("isolation.level", "read_committed");
        Properties writing = new Properties();
        writing.putAll(common);
        writing.put("acks", "all");
        var worker = new NaiveWorker(new EngineSocket(Path.of(arguments[2])), arguments[1]);
        try (var consumer = new KafkaConsumer<>(reading, new StringDeserializer(), new StringDeserializer());
                var producer = new KafkaProducer<>(writing, new StringSerializer(), new StringSerializer())) {
            consumer.subscribe(List.of(arguments[1] + "commands"));
            System.out.println("the naive worker is ready");
            while (true) {
                for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofMillis(200))) {
                    worker.handle(record, producer);
                    consumer.commitSync(Map.of(new TopicPartition(record.topic(), record.partition()),
                            new OffsetAndMetadata(record.offset() + 1)));
                }
            }
        }
    }

    private void handle(ConsumerRecord<String, String> record, KafkaProducer<String, String> producer)
            throws IOException, InterruptedException, ExecutionException {
        JsonNode command = JSON.readTree(record.value().getBytes(StandardCharsets.UTF_8));
        if (seen.add(command.path("id").asText())) {
            producer.send(new ProducerRecord<>(prefix + "results", record.key(), result(command).toString())).get();
        }
    }

    private ObjectNode result(JsonNode command) throws IOException {
        Instant started = Instant.now();
        NaiveCommands.End end = commands.execute(command);
        ObjectNode result = JsonNodeFactory.instance.objectNode().put("command_id", command.path("id").asText())
                .put("type", command.path("type").asText())
                .put("status", end.error().isEmpty() ? "succeeded" : "failed")
                .put("changed", end.changed()).put("attempts", end.changed() ? 1 : 0);
        end.container().ifPresentOrElse(container -> result.putArray("containers").addObject()
                .put("id", container.path("Id").asText())
                .put("name", container.path("Name").asText().replaceFirst("^/", ""))
                .put("state", end.removed() ? "removed" : container.at("/State/Status").asText()),
                () -> result.putArray("containers"));
        result.put("started_at", started.toString()).put("finished_at", Instant.now().toString());
        if (end.error().isEmpty()) {
            return result.putNull("error");
        }
        result.putObject("error").put("code", end.error());
        return result;
    }
}
