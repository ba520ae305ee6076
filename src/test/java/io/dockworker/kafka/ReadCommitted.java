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

/** What a consumer sees that reads committed records alone. */
public final class ReadCommitted {
    private ReadCommitted() {}

    /**
     * A record.
     *
     * @param headers of several with one name the last
     * @param value   null for a tombstone
     */
    public record Seen(Map<String, String> headers, String value) {}

    /** All values of a topic, each partition in order; it waits for transactions that are open. */
    public static List<String> values(String servers, String topic) {
        List<String> values = new ArrayList<>();
        records(servers, topic).forEach(seen -> values.add(seen.value()));
        return values;
    }

    /** The same with their headers. */
    public static List<Seen> records(String servers, String topic) {
        List<Seen> records = new ArrayList<>();
        Map<String, Object> properties = Map.of("bootstrap.servers", servers, "isolation.level", "read_committed",
                "auto.offset.reset", "none", "max.partition.fetch.bytes", 16 << 20);
        Map<String, Object> dirty = Map.of("bootstrap.servers", servers);
        try (var consumer = new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
                var ends = new KafkaConsumer<>(dirty, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                    .map(info -> new TopicPartition(topic, info.partition())).toList();
            // The true end, past what is still open.
            Map<TopicPartition, Long> end = ends.endOffsets(partitions);
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            while (partitions.stream().anyMatch(one -> consumer.position(one) < end.get(one))) {
                consumer.poll(Duration.ofMillis(100))
                        .forEach(record -> records.add(seen(record)));
            }
        }
        return records;
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
