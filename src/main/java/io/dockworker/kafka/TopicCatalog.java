package io.dockworker.kafka;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** The topics, as the files of {@code topics/} describe them. */
public final class TopicCatalog {
    /** A jar cannot be asked for the files of a folder, so they are named; a test compares. */
    static final List<String> SUFFIXES = List.of("commands", "results", "events", "health", "state", "hosts",
            "commands.dlq");

    private final List<TopicDefinition> topics;

    private TopicCatalog(List<TopicDefinition> topics) {
        this.topics = topics;
    }

    /**
     * Reads the files that were built into this program.
     *
     * @param prefix of all names, as in {@code dockworker.}
     */
    public static TopicCatalog load(String prefix) {
        var yaml = new YAMLMapper();
        return new TopicCatalog(SUFFIXES.stream().map(suffix -> read(yaml, prefix, suffix)).toList());
    }

    /** In the order of the contract's table. */
    public List<TopicDefinition> topics() {
        return topics;
    }

    /**
     * What a topic's file says.
     *
     * @param suffix as in {@code results}
     * @throws IllegalArgumentException if there is no such topic
     */
    public TopicDefinition definition(String suffix) {
        return topics.stream().filter(topic -> topic.suffix().equals(suffix)).findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no topic " + suffix));
    }

    /**
     * The whole name of a topic.
     *
     * @param suffix as in {@code results}
     * @throws IllegalArgumentException if there is no such topic
     */
    public String name(String suffix) {
        return definition(suffix).name();
    }

    private static TopicDefinition read(YAMLMapper yaml, String prefix, String suffix) {
        String file = "/topics/" + suffix + ".yaml";
        try (InputStream in = TopicCatalog.class.getResourceAsStream(file)) {
            if (in == null) {
                throw new IllegalStateException("this build lacks its file " + file);
            }
            JsonNode topic = yaml.readTree(in);
            Optional<Duration> retention = Optional.ofNullable(topic.get("retention_days"))
                    .map(days -> Duration.ofDays(days.asLong()));
            return new TopicDefinition(suffix, prefix + suffix, topic.required("partitions").asInt(),
                    topic.required("cleanup_policy").asText(), retention, topic.required("max_message_bytes").asInt());
        } catch (IOException e) {
            throw new UncheckedIOException("reading " + file, e);
        }
    }
}
