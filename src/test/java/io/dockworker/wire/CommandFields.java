package io.dockworker.wire;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The fields of commands: those that the published schema has, and those that a command uses. A field is named by its
 * path, with {@code *} for any key and {@code []} for any element; one that its command's type has for itself stands
 * behind that type. Where a value may be of several kinds or one of a few words, each of them is named, too.
 */
public final class CommandFields {
    private static final JsonNode SCHEMA = TopicSchemas.file("commands").get("schema");

    private final Set<String> names = new LinkedHashSet<>();

    private CommandFields() {}

    public static Set<String> published() {
        var fields = new CommandFields();
        fields.addProperties("", SCHEMA);
        fields.names.addAll(ofSpec());
        for (JsonNode reference : SCHEMA.get("oneOf")) {
            JsonNode command = resolved(reference);
            for (JsonNode type : words(command.at("/properties/type"))) {
                fields.addProperties(type.asText() + ".", command);
                if (command.path("$ref").asText().endsWith("/aim")) {
                    fields.addProperties(type.asText() + ".", resolved(command));
                }
            }
        }
        return fields.names;
    }

    /** Those of a container, which create and replace share. */
    public static Set<String> ofSpec() {
        var fields = new CommandFields();
        fields.addProperties("", SCHEMA.at("/$defs/spec"));
        return fields.names;
    }

    /** The names of all that a command uses, by whichever name it might be published. */
    public static Set<String> used(JsonNode command) {
        var fields = new CommandFields();
        command.properties().forEach(field -> {
            fields.use(field.getKey(), field.getValue());
            fields.use(command.path("type").asText() + "." + field.getKey(), field.getValue());
        });
        return fields.names;
    }

    /** A command's type is no field of its own. */
    private void addProperties(String path, JsonNode schema) {
        schema.path("properties").properties().stream().filter(property -> !property.getKey().equals("type"))
                .forEach(property -> add(path + property.getKey(), property.getValue()));
    }

    private void add(String path, JsonNode schema) {
        names.add(path);
        List<JsonNode> alternatives = alternatives(schema);
        Set<String> kinds = alternatives.stream().flatMap(one -> kinds(one).stream()).collect(Collectors.toSet());
        if (kinds.size() > 1) {
            kinds.forEach(kind -> names.add(path + " as " + kind));
        }
        for (JsonNode alternative : alternatives) {
            words(alternative).forEach(word -> addWord(path, word));
            alternative.path("prefixItems").forEach(element -> add(path + "[]", element));
            addIfSchema(path + "[]", alternative.path("items"));
            addIfSchema(path + ".*", alternative.path("additionalProperties"));
            alternative.path("properties").properties().stream()
                    .filter(property -> alternatives.stream().noneMatch(one -> forbids(one, property.getKey())))
                    .forEach(property -> add(path + "." + property.getKey(), property.getValue()));
        }
    }

    private static boolean forbids(JsonNode schema, String property) {
        return schema.path("properties").path(property).isBoolean();
    }

    private void addIfSchema(String path, JsonNode schema) {
        if (schema.isObject()) {
            add(path, schema);
        }
    }

    private void addWord(String path, JsonNode word) {
        if (word.isArray()) {
            word.forEach(element -> addWord(path + "[]", element));
        } else {
            names.add(path + " = " + word.asText());
        }
    }

    private void use(String path, JsonNode value) {
        names.add(path);
        names.add(path + " as " + kind(value));
        if (value.isValueNode()) {
            names.add(path + " = " + value.asText());
        }
        value.properties().forEach(property -> {
            use(path + "." + property.getKey(), property.getValue());
            use(path + ".*", property.getValue());
        });
        if (value.isArray()) {
            value.forEach(element -> use(path + "[]", element));
        }
    }

    /** A schema without its references and choices. */
    private static List<JsonNode> alternatives(JsonNode schema) {
        List<JsonNode> all = new ArrayList<>(List.of(schema));
        if (schema.has("$ref")) {
            all.addAll(alternatives(resolved(schema)));
        }
        schema.path("oneOf").forEach(one -> all.addAll(alternatives(one)));
        return all;
    }

    private static JsonNode resolved(JsonNode reference) {
        return SCHEMA.at(reference.get("$ref").asText().substring(1));
    }

    private static Iterable<JsonNode> words(JsonNode schema) {
        return schema.has("const") ? List.of(schema.get("const")) : schema.path("enum");
    }

    private static Set<String> kinds(JsonNode schema) {
        JsonNode type = schema.path("type");
        Set<String> kinds = new LinkedHashSet<>();
        (type.isTextual() ? List.of(type) : type).forEach(one -> kinds.add(one.asText().replace("integer", "number")));
        return kinds;
    }

    private static String kind(JsonNode value) {
        return value.getNodeType().name().toLowerCase(Locale.ROOT);
    }
}
