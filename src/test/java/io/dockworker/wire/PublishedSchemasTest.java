package io.dockworker.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The schemas as others rely on them lie in {@code src/test/resources/published}. When a change only adds, copy the
 * topic's file there with it, so that the addition is kept, too. A change that breaks asks for a new version beside
 * this one.
 */
class PublishedSchemasTest {
    @ParameterizedTest
    @ValueSource(strings = {"commands", "results", "events", "health", "state", "hosts", "commands.dlq"})
    void whatIsPublishedStays(String topic) {
        JsonNode published = TopicSchemas.resource("/published/" + topic + ".yaml");
        JsonNode now = TopicSchemas.file(topic);
        for (String part : List.of("headers", "schema")) {
            assertEquals(List.of(), SchemaChanges.breaks(published.get(part), now.get(part), direction(topic)), part);
        }
        for (String fact : List.of("partitions", "cleanup_policy", "key")) {
            assertEquals(published.get(fact), now.get(fact), fact);
        }
    }

    /** @param change of today's file */
    record Change(String topic, String what, Consumer<ObjectNode> change, boolean breaks) {
        @Override
        public String toString() {
            return topic + ": " + what;
        }
    }

    static final List<Change> CHANGES = List.of(
            breaking("commands", "a field is gone", "/$defs/spec/properties", at -> at.remove("sysctls")),
            breaking("commands", "a verb is gone", "/properties/type", at -> ((ArrayNode) at.get("enum")).remove(3)),
            breaking("commands", "a type is gone", "/$defs/scalar", at -> at.put("type", "string")),
            breaking("commands", "a bound is tighter", "/$defs/create/properties/count", at -> at.put("maximum", 999)),
            breaking("commands", "a bound is new", "/$defs/spec/properties/env", at -> at.put("maxProperties", 50)),
            breaking("commands", "a field is demanded", "/$defs/create", at -> at.putArray("required").add("name")),
            breaking("commands", "a form is gone", "/$defs/port", at -> ((ArrayNode) at.get("oneOf")).remove(1)),
            breaking("commands", "a pattern is another", "/$defs/target", at -> at.put("pattern", "^[a-z]+$")),
            breaking("commands", "a pattern lost an alternative", "/$defs/security_opt",
                    at -> at.put("pattern", at.get("pattern").asText().replaceFirst("\\|\\^.*", ""))),
            harmless("commands", "a pattern has one more alternative", "/$defs/target",
                    at -> at.put("pattern", at.get("pattern").asText() + "|^@$")),
            harmless("commands", "a field is new", "/$defs/spec/properties", at -> at.putObject("shiny")),
            harmless("commands", "a bound is wider", "/$defs/create/properties/count", at -> at.put("maximum", 2_000)),
            harmless("commands", "a word is new", "/$defs/replace/properties/order",
                    at -> ((ArrayNode) at.get("enum")).add("both")),
            harmless("commands", "words become a pattern that all of them match", "/$defs/replace/properties/order",
                    at -> at.put("type", "string").put("pattern", "^[a-z-]+$").remove("enum")),
            breaking("commands", "words become a pattern that one does not match", "/$defs/replace/properties/order",
                    at -> at.put("type", "string").put("pattern", "^start").remove("enum")),
            breaking("results", "a promised field is gone", "/properties", at -> at.remove("changed")),
            breaking("results", "a field is no longer promised", "", at -> ((ArrayNode) at.get("required")).remove(0)),
            breaking("results", "a type is another", "/properties/attempts", at -> at.put("type", "string")),
            breaking("state", "a field may be null", "/properties/name",
                    at -> at.putArray("type").add("string").add("null")),
            harmless("results", "a field is new", "/properties", at -> at.putObject("shiny").put("type", "string")),
            harmless("events", "a word is new", "/properties/type",
                    at -> ((ArrayNode) at.at("/anyOf/0/enum")).add("melt")));

    @ParameterizedTest
    @FieldSource("CHANGES")
    void aChangeIsToldWhetherItBreaksAnybody(Change change) {
        JsonNode before = TopicSchemas.file(change.topic()).get("schema");
        ObjectNode after = before.deepCopy();
        change.change().accept(after);
        List<String> breaks = SchemaChanges.breaks(before, after, direction(change.topic()));
        if (change.breaks()) {
            assertFalse(breaks.isEmpty());
        } else {
            assertTrue(breaks.isEmpty(), breaks::toString);
        }
    }

    private static SchemaChanges.Direction direction(String topic) {
        return topic.equals("commands") ? SchemaChanges.Direction.INPUT : SchemaChanges.Direction.OUTPUT;
    }

    private static Change breaking(String topic, String what, String pointer, Consumer<ObjectNode> change) {
        return new Change(topic, what, schema -> change.accept((ObjectNode) schema.at(pointer)), true);
    }

    private static Change harmless(String topic, String what, String pointer, Consumer<ObjectNode> change) {
        return new Change(topic, what, schema -> change.accept((ObjectNode) schema.at(pointer)), false);
    }
}
