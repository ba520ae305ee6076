package io.dockworker.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** What a consumer of one topic sees that reads committed records alone. */
public final class ReadCommitted implements AutoCloseable {
    private final KafkaConsumer<byte[], byte[]> consumer;
    private final KafkaConsumer<byte[], byte[]> ends;
    private final List<TopicPartition> partitions;
    private final List<Seen> records = new ArrayList<>();

    /**
     * A record.
     *
     * @param headers of several with one name the last
     * @param value   null for a tombstone
     */
    public record Seen(Map<String, String> headers, String value) {}

    public ReadCommitted(String servers, String topic) {
        consumer = consumer(servers, "read_committed");
        // The true end, past what is still open.
        ends = consumer(servers, "read_uncommitted");
        partitions = consumer.partitionsFor(topic).stream().map(info -> new TopicPartition(topic, info.partition()))
                .toList();
        consumer.assign(partitions);
        consumer.seekToBeginning(partitions);
    }

    private static KafkaConsumer<byte[], byte[]> consumer(String servers, String isolation) {
        return new KafkaConsumer<>(Map.of("bootstrap.servers", servers, "isolation.level", isolation,
                "auto.offset.reset", "none", "max.partition.fetch.bytes", 16 << 20), new ByteArrayDeserializer(),
                new ByteArrayDeserializer());
    }

    /** All values of a topic, each partition in order; it waits for transactions that are open. */
    public static List<String> values(String servers, String topic) {
        try (var reader = new ReadCommitted(servers, topic)) {
            List<String> values = new ArrayList<>();
            reader.records().forEach(seen -> values.add(seen.value()));
            return values;
        }
    }

    /** All records so far, each partition's in order; it waits for transactions that are open. */
    public synchronized List<Seen> records() {
        Map<TopicPartition, Long> end = ends.endOffsets(partitions);
        while (partitions.stream().anyMatch(one -> consumer.position(one) < end.get(one))) {
            consumer.poll(Duration.ofMillis(100)).forEach(record -> records.add(seen(record)));
        }
        return List.copyOf(records);
    }

    @Override
    public synchronized void close() {
        consumer.close();
        ends.close();
    }

    private static Seen seen(ConsumerRecord<byte[], byte[]> record) {
        Map<String, String> headers = new HashMap<>();
        record.headers().forEach(header -> headers.put(header.key(), new String(header.value(), UTF_8)));
        return new Seen(headers, record.value() == null ? null : new String(record.value(), UTF_8));
    }

    /** Whether a publisher was refused because another one of its id has come. */
    public static boolean isFenced(RuntimeException refused) {
        return refused instanceof KafkaException fault && TransactionalPublisher.isFenced(fault);
    }
}
