package io.dockworker.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.List;

/** JSON as the verbs read and write it. */
final class Json {
    private static final JsonMapper MAPPER = new JsonMapper();

    private Json() {}

    /** What is no JSON, as a tombstone, becomes a missing node, of which every field is empty. */
    static JsonNode read(byte[] value) {
        try {
            return value == null ? MissingNode.getInstance() : MAPPER.readTree(value);
        } catch (IOException _) {
            return MissingNode.getInstance();
        }
    }

    /** @throws IllegalStateException if our own encoders wrote no JSON */
    static JsonNode own(String text) {
        try {
            return MAPPER.readTree(text);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    static void printArray(List<? extends JsonNode> elements) {
        ArrayNode array = JsonNodeFactory.instance.arrayNode();
        elements.forEach(array::add);
        System.out.println(array.toPrettyString());
    }
}
