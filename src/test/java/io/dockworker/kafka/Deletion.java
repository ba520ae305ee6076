package io.dockworker.kafka;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;

/** How records go from a topic before they are old. */
public final class Deletion {
    private Deletion() {}

    /** Of these topics, deletes or compacts what is older than ten minutes. */
    public static void soon(String servers, List<String> topics) throws InterruptedException, ExecutionException {
        Map<String, String> settings = Map.of("retention.ms", "600000", "segment.ms", "60000", "max.compaction.lag.ms",
                "600000", "min.cleanable.dirty.ratio", "0.01", "delete.retention.ms", "60000");
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", servers))) {
            admin.incrementalAlterConfigs(topics.stream().collect(Collectors.toMap(
                    topic -> new ConfigResource(ConfigResource.Type.TOPIC, topic),
                    _ -> settings.entrySet().stream().map(one -> new AlterConfigOp(
                            new ConfigEntry(one.getKey(), one.getValue()), AlterConfigOp.OpType.SET)).toList())))
                    .all().get();
        }
    }

    /** Deletes a topic. */
    public static void of(String servers, String topic) throws InterruptedException, ExecutionException {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", servers))) {
            admin.deleteTopics(List.of(topic)).all().get();
        }
    }

    /** Deletes every record that a topic has now. */
    public static void ofAll(String servers, String topic) throws InterruptedException, ExecutionException {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", servers))) {
            admin.deleteRecords(admin.describeTopics(List.of(topic)).topicNameValues().get(topic).get()
                    .partitions().stream().map(one -> new TopicPartition(topic, one.partition()))
                    .collect(Collectors.toMap(Function.identity(), _ -> RecordsToDelete.beforeOffset(-1)))).all().get();
        }
    }
}
