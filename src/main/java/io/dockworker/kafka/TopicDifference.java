package io.dockworker.kafka;

import java.util.Optional;

/**
 * One point in which a topic of the broker differs from its file.
 *
 * @param property  {@code partitions}, {@code replication.factor}, or the name of a topic's setting
 * @param hindrance why it cannot be mended without making the topic anew, for people; empty if it can
 */
public record TopicDifference(String topic, String property, String found, String wanted, Optional<String> hindrance) {
    static final String PARTITIONS = "partitions";
    static final String REPLICAS = "replication.factor";

    static TopicDifference setting(String topic, String property, String found, String wanted) {
        return new TopicDifference(topic, property, found, wanted, Optional.empty());
    }

    static TopicDifference partitions(TopicDefinition topic, int found) {
        Optional<String> hindrance = Optional.empty();
        if (found > topic.partitions()) {
            hindrance = Optional.of("Kafka takes no partitions away; only making the topic anew would");
        } else if (topic.cleanupPolicy().equals("compact")) {
            hindrance = Optional.of("with more partitions its keys would move, and their last values in the old ones "
                    + "would never be compacted away; only making the topic anew helps");
        }
        return new TopicDifference(topic.name(), PARTITIONS, Integer.toString(found),
                Integer.toString(topic.partitions()), hindrance);
    }

    static TopicDifference replicas(String topic, int found, int wanted) {
        return new TopicDifference(topic, REPLICAS, Integer.toString(found), Integer.toString(wanted),
                Optional.of("replicas are moved with Kafka's own kafka-reassign-partitions"));
    }

    /** One sentence for people. */
    public String sentence() {
        return property.equals(PARTITIONS)
                ? topic + " has " + found + " partitions, its file says " + wanted
                : topic + " has " + property + "=" + found + ", its file says " + wanted;
    }
}
