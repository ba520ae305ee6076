package io.dockworker.kafka;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Looks on at topics, as any consumer of results may: what is committed, from now on, without a group. */
public final class TopicReader implements AutoCloseable {
    private final KafkaConsumer<byte[], byte[]> consumer;

    /** Reads what comes after this. */
    public TopicReader(Properties client, Collection<String> topics) {
        Properties own = new Properties();
        own.putAll(client);
        own.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        own.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, "false");
        own.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, "false");
        consumer = new KafkaConsumer<>(own, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        List<TopicPartition> partitions = new ArrayList<>();
        for (String topic : topics) {
            consumer.partitionsFor(topic)
                    .forEach(info -> partitions.add(new TopicPartition(info.topic(), info.partition())));
        }
        consumer.assign(partitions);
        consumer.seekToEnd(partitions);
        // The seek is lazy: only asking for the position makes "now" mean now.
        partitions.forEach(consumer::position);
    }

    /** A record and its topic. */
    public record Read(String topic, RawRecord record) {}

    public List<Read> poll(Duration time) {
        List<Read> records = new ArrayList<>();
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(time)) {
            records.add(new Read(record.topic(), Records.raw(record)));
        }
        return records;
    }

    @Override
    public void close() {
        consumer.close();
    }
}
