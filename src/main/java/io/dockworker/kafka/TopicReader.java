package io.dockworker.kafka;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Looks on at topics, as any consumer of results may: what is committed, without a group. */
public final class TopicReader implements AutoCloseable {
    private final KafkaConsumer<byte[], byte[]> consumer;

    /** Reads what comes after this. */
    public TopicReader(Properties client, Collection<String> topics) {
        this(client, topics, List.of());
    }

    /**
     * Reads some topics from now on, and others from their beginning.
     *
     * @throws BrokerAway if no broker answers, or a topic is not there
     */
    public TopicReader(Properties client, Collection<String> fromNow, Collection<String> fromStart) {
        Properties own = new Properties();
        own.putAll(client);
        own.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        own.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, "false");
        own.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, "false");
        consumer = new KafkaConsumer<>(own, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        try {
            List<TopicPartition> now = partitions(fromNow);
            List<TopicPartition> start = partitions(fromStart);
            List<TopicPartition> all = new ArrayList<>(now);
            all.addAll(start);
            consumer.assign(all);
            // Seeking in no partitions would mean in all.
            if (!start.isEmpty()) {
                consumer.seekToBeginning(start);
            }
            if (!now.isEmpty()) {
                consumer.seekToEnd(now);
            }
            // The seek is lazy: only asking for the position makes "now" mean now.
            all.forEach(consumer::position);
        } catch (KafkaException e) {
            consumer.close();
            throw new BrokerAway(e);
        } catch (BrokerAway e) {
            consumer.close();
            throw e;
        }
    }

    private List<TopicPartition> partitions(Collection<String> topics) {
        List<TopicPartition> partitions = new ArrayList<>();
        for (String topic : topics) {
            List<PartitionInfo> known = consumer.partitionsFor(topic);
            if (known == null || known.isEmpty()) {
                throw new BrokerAway("there is no topic " + topic);
            }
            known.forEach(info -> partitions.add(new TopicPartition(info.topic(), info.partition())));
        }
        return partitions;
    }

    /** A record, and where and when it was written. */
    public record Read(String topic, int partition, Instant at, RawRecord record) {}

    /** @throws BrokerAway if the broker refuses */
    public List<Read> poll(Duration time) {
        try {
            List<Read> records = new ArrayList<>();
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(time)) {
                records.add(new Read(record.topic(), record.partition(), Instant.ofEpochMilli(record.timestamp()),
                        Records.raw(record)));
            }
            return records;
        } catch (KafkaException e) {
            throw new BrokerAway(e);
        }
    }

    private boolean isAt(Map<TopicPartition, Long> ends) {
        return ends.entrySet().stream().allMatch(end -> consumer.position(end.getKey()) >= end.getValue());
    }

    /**
     * What has not been read yet of all that is in the topics at this moment.
     *
     * @throws BrokerAway if the broker goes away meanwhile
     */
    public List<Read> rest() {
        try {
            Map<TopicPartition, Long> ends = consumer.endOffsets(consumer.assignment());
            List<Read> records = new ArrayList<>();
            while (!isAt(ends)) {
                records.addAll(poll(Duration.ofMillis(200)));
            }
            return records;
        } catch (KafkaException e) {
            throw new BrokerAway(e);
        }
    }

    @Override
    public void close() {
        consumer.close();
    }
}
