package io.dockworker.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What the published schema of the commands topic says of a command's fields. It tells only which kinds of JSON value may
 * stand in a place: whether a value is right, the decoder judges.
 */
final class CommandSchema {
    private static final List<String> COMPOSED = List.of("allOf", "oneOf", "anyOf", "then", "else");

    private final JsonNode root;
    private final String type;

    private CommandSchema(JsonNode root, String type) {
        this.root = root;
        this.type = type;
    }

    static CommandSchema load(String type) {
        try (InputStream in = CommandSchema.class.getResourceAsStream("/topics/commands.yaml")) {
            return new CommandSchema(new YAMLMapper().readTree(in).path("schema"), type);
        } catch (IOException e) {
            throw new UncheckedIOException("reading the schema of commands", e);
        }
    }

    /** The place of the whole command. */
    Place command() {
        return new Place(List.of(root));
    }

    /** A place in a command, with all schemas that speak of it. */
    final class Place {
        private final List<JsonNode> schemas;

        private Place(List<JsonNode> schemas) {
            List<JsonNode> all = new ArrayList<>();
            schemas.forEach(schema -> collect(schema, all));
            this.schemas = all;
        }

        /** Whether anything is said of it at all. */
        boolean isKnown() {
            return !schemas.isEmpty();
        }

        boolean allows(String kind) {
            return schemas.stream().anyMatch(schema -> kinds(schema).contains(kind));
        }

        /** The field of this name; empty if none has this name. */
        Optional<Place> field(String name) {
            return place(schemas.stream().map(schema -> schema.path("properties").path(name))
                    .filter(JsonNode::isObject).toList());
        }

        /** The values of an object whose names are free, as those of `env`. */
        Optional<Place> anyField() {
            return place(schemas.stream().map(schema -> schema.path("additionalProperties"))
                    .filter(JsonNode::isObject).toList());
        }

        Optional<Place> item() {
            return place(schemas.stream().map(schema -> schema.path("items")).filter(JsonNode::isObject).toList());
        }

        private Optional<Place> place(List<JsonNode> found) {
            return found.isEmpty() ? Optional.empty() : Optional.of(new Place(found));
        }
    }

    /** A schema with all that it refers to and is composed of, but for what is of other types of command. */
    private void collect(JsonNode schema, List<JsonNode> all) {
        JsonNode ofType = schema.path("properties").path("type");
        if (isOtherType(ofType)) {
            return;
        }
        all.add(schema);
        String reference = schema.path("$ref").asText();
        if (reference.startsWith("#/")) {
            collect(root.at(reference.substring(1)), all);
        }
        for (String word : COMPOSED) {
            JsonNode parts = schema.path(word);
            if (parts.isArray()) {
                parts.forEach(part -> collect(part, all));
            } else if (parts.isObject()) {
                collect(parts, all);
            }
        }
    }

    private boolean isOtherType(JsonNode ofType) {
        if (ofType.has("const")) {
            return !ofType.path("const").asText().equals(type);
        }
        if (!ofType.has("enum")) {
            return false;
        }
        for (JsonNode word : ofType.path("enum")) {
            if (word.asText().equals(type)) {
                return false;
            }
        }
        return true;
    }

    private static Set<String> kinds(JsonNode schema) {
        Set<String> kinds = new HashSet<>();
        JsonNode said = schema.path("type");
        if (said.isArray()) {
            said.forEach(one -> kinds.add(one.asText()));
        } else if (said.isTextual()) {
            kinds.add(said.asText());
        }
        schema.path("enum").forEach(word -> kinds.add(word.isTextual() ? "string" : "number"));
        if (schema.has("const")) {
            kinds.add(schema.path("const").isTextual() ? "string" : "number");
        }
        return kinds;
    }
}
