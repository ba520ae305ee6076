package io.dockworker.wire;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The published schemas of the topics, for holding messages against them. */
public final class TopicSchemas {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Map<String, TopicSchemas> TOPICS = new ConcurrentHashMap<>();

    private final Schema headers;
    private final Schema value;

    private TopicSchemas(JsonNode file) {
        this.headers = schema(file.get("headers"));
        this.value = schema(file.get("schema"));
    }

    /**
     * Fails if a message is not as the topic's file says.
     *
     * @param topic without prefix
     * @param value null for a tombstone
     */
    public static void check(String topic, Map<String, String> headers, String value) {
        TopicSchemas schemas = TOPICS.computeIfAbsent(topic, name -> new TopicSchemas(file(name)));
        ObjectNode given = JSON.createObjectNode();
        headers.forEach(given::put);
        List<String> faults = faults(schemas.headers, given);
        // A dead letter's value is whatever somebody sent.
        if (faults.isEmpty() && value != null && !topic.equals("commands.dlq")) {
            faults = faults(schemas.value, json(value));
        }
        if (!faults.isEmpty()) {
            throw new AssertionError(
                    "not as topics/" + topic + ".yaml says: " + faults + "\n" + headers + "\n" + value);
        }
    }

    static List<String> faults(JsonNode schema, JsonNode value) {
        return faults(schema(schema), value);
    }

    private static List<String> faults(Schema schema, JsonNode value) {
        return schema
                .validate(value, context -> context.executionConfig(config -> config.formatAssertionsEnabled(true)))
                .stream().map(Error::toString).toList();
    }

    private static Schema schema(JsonNode schema) {
        return SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12).getSchema(schema);
    }

    /** One of the files in {@code topics/}, without its ending. */
    static JsonNode file(String name) {
        return resource("/topics/" + name + ".yaml");
    }

    static JsonNode resource(String path) {
        try (InputStream in = TopicSchemas.class.getResourceAsStream(path)) {
            if (in == null) {
                throw new AssertionError("no " + path + " on the classpath");
            }
            return new YAMLMapper().readTree(in);
        } catch (IOException e) {
            throw new UncheckedIOException(path, e);
        }
    }

    private static JsonNode json(String value) {
        try {
            return JSON.readTree(value);
        } catch (IOException e) {
            throw new AssertionError("not JSON: " + value, e);
        }
    }
}
