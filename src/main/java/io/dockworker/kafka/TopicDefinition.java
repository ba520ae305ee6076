package io.dockworker.kafka;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What one file of {@code topics/} says of its topic.
 *
 * @param suffix          the name without the prefix, as in {@code results}
 * @param name            with the prefix
 * @param cleanupPolicy   {@code delete} or {@code compact}
 * @param retention       empty where compaction keeps what it keeps
 * @param maxMessageBytes of one record batch
 */
public record TopicDefinition(String suffix, String name, int partitions, String cleanupPolicy,
        Optional<Duration> retention, int maxMessageBytes) {
    static final String RETENTION = "retention.ms";

    /** The settings of the topic that are ours to say. */
    Map<String, String> config() {
        Map<String, String> config = new LinkedHashMap<>();
        config.put("cleanup.policy", cleanupPolicy);
        retention.ifPresent(time -> config.put(RETENTION, Long.toString(time.toMillis())));
        config.put("max.message.bytes", Integer.toString(maxMessageBytes));
        return config;
    }
}
