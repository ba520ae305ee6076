package io.dockworker.bench.audit;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Everything in a topic that is committed. */
final class TopicDump {
    private static final JsonMapper JSON = new JsonMapper();

    private TopicDump() {}

    static List<Evidence.Entry> read(String bootstrapServers, String topic) throws IOException {
        Properties own = new Properties();
        own.put("bootstrap.servers", bootstrapServers);
        own.put("isolation.level", "read_committed");
        own.put("enable.auto.commit", "false");
        List<Evidence.Entry> entries = new ArrayList<>();
        try (var consumer = new KafkaConsumer<>(own, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                    .map(info -> new TopicPartition(topic, info.partition())).toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(200))) {
                    String key = record.key() == null ? "" : new String(record.key(), StandardCharsets.UTF_8);
                    entries.add(new Evidence.Entry(record.partition(), record.offset(), key,
                            JSON.readTree(record.value())));
                }
            }
        }
        entries.sort(Comparator.comparingInt(Evidence.Entry::partition).thenComparingLong(Evidence.Entry::offset));
        return entries;
    }
}
