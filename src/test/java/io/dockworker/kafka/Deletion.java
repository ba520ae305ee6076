package io.dockworker.kafka;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.common.TopicPartition;

/** What a topic's retention does, at once. */
public final class Deletion {
    private Deletion() {}

    /** Deletes every record that a topic has now. */
    public static void ofAll(String servers, String topic) throws InterruptedException, ExecutionException {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", servers))) {
            admin.deleteRecords(admin.describeTopics(List.of(topic)).topicNameValues().get(topic).get()
                    .partitions().stream().map(one -> new TopicPartition(topic, one.partition()))
                    .collect(Collectors.toMap(Function.identity(), _ -> RecordsToDelete.beforeOffset(-1)))).all().get();
        }
    }
}
