package io.dockworker.kafka;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** What a consumer of one topic sees that reads committed records alone: each record once, byte for byte, as it comes. */
public final class Tap implements AutoCloseable {
    private final KafkaConsumer<byte[], byte[]> consumer;

    /** One record and where it stands. */
    public record Drop(int partition, RawRecord record) {}

    /** From the beginning of the topic. */
    public Tap(String servers, String topic) {
        consumer = new KafkaConsumer<>(Map.of("bootstrap.servers", servers, "isolation.level", "read_committed",
                "auto.offset.reset", "none", "max.partition.fetch.bytes", 4 << 20), new ByteArrayDeserializer(),
                new ByteArrayDeserializer());
        List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                .map(info -> new TopicPartition(topic, info.partition())).toList();
        consumer.assign(partitions);
        consumer.seekToBeginning(partitions);
    }

    /** What has come since, each partition's in order; waits a little for something. */
    public List<Drop> next() {
        List<Drop> drops = new ArrayList<>();
        consumer.poll(Duration.ofMillis(200))
                .forEach(record -> drops.add(new Drop(record.partition(), Records.raw(record))));
        return drops;
    }

    @Override
    public void close() {
        consumer.close();
    }
}
