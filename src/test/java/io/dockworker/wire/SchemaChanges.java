package io.dockworker.wire;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What in a changed schema breaks those who rely on the old one. Input may only get wider, output only narrower and
 * richer. What cannot be compared, such as two patterns of which neither is the other with one more alternative, must
 * stay as it is.
 */
final class SchemaChanges {
    /** Who is hurt by a change. */
    enum Direction {
        /** Those who write what we read. */
        INPUT,
        /** Those who read what we write. */
        OUTPUT
    }

    private static final List<String> LOWER = List.of("minimum", "exclusiveMinimum", "minLength", "minItems",
            "minProperties");
    private static final List<String> UPPER = List.of("maximum", "exclusiveMaximum", "maxLength", "maxItems",
            "maxProperties");
    private static final List<String> OPAQUE = List.of("pattern", "format", "not", "if", "then", "else", "prefixItems",
            "dependentRequired", "uniqueItems", "unevaluatedProperties");

    private final JsonNode oldRoot;
    private final JsonNode newRoot;
    private final Direction direction;
    private final List<String> breaks = new ArrayList<>();

    private SchemaChanges(JsonNode oldRoot, JsonNode newRoot, Direction direction) {
        this.oldRoot = oldRoot;
        this.newRoot = newRoot;
        this.direction = direction;
    }

    /** What breaks, one a line; empty if nothing does. */
    static List<String> breaks(JsonNode before, JsonNode after, Direction direction) {
        var changes = new SchemaChanges(before, after, direction);
        changes.compare("", before, after);
        return changes.breaks;
    }

    private void compare(String at, JsonNode before, JsonNode after) {
        if (before.isBoolean() || after.isBoolean()) {
            check(at, before.equals(after), "is allowed or forbidden now");
            return;
        }
        compareReferred(at, before, after);
        boolean input = direction == Direction.INPUT;
        JsonNode wide = input ? after : before;
        JsonNode narrow = input ? before : after;
        check(at + "/type", types(wide).isEmpty()
                || (!types(narrow).isEmpty() && types(wide).containsAll(types(narrow))), "has another type");
        Set<JsonNode> allowed = words(wide);
        check(at + "/enum", allowed.isEmpty() || (!words(narrow).isEmpty() && allowed.containsAll(words(narrow))),
                "has other words");
        check(at + "/required", texts((input ? before : after).path("required"))
                .containsAll(texts((input ? after : before).path("required"))), "requires other fields");
        for (String bound : LOWER) {
            check(at + "/" + bound, within(wide.path(bound), narrow.path(bound), true), "has another bound");
        }
        for (String bound : UPPER) {
            check(at + "/" + bound, within(wide.path(bound), narrow.path(bound), false), "has another bound");
        }
        for (String keyword : OPAQUE) {
            check(at + "/" + keyword, wide.path(keyword).isMissingNode()
                    || wide.path(keyword).equals(narrow.path(keyword))
                    || (keyword.equals("pattern") && (matchAll(words(narrow), wide.path(keyword).asText())
                            || isOneMore(narrow.path(keyword), wide.path(keyword).asText()))),
                    "is another");
        }
        members(at, before, after);
    }

    private void members(String at, JsonNode before, JsonNode after) {
        before.path("properties").properties().forEach(field -> {
            JsonNode now = after.path("properties").path(field.getKey());
            if (now.isMissingNode()) {
                check(at + "/properties/" + field.getKey(), direction == Direction.OUTPUT
                        && !texts(before.path("required")).contains(field.getKey()), "is gone");
            } else {
                compare(at + "/properties/" + field.getKey(), field.getValue(), now);
            }
        });
        for (String inner : List.of("items", "additionalProperties", "propertyNames")) {
            JsonNode now = after.path(inner);
            if (before.has(inner) && now.isMissingNode()) {
                check(at + "/" + inner, direction == Direction.INPUT, "is gone");
            } else if (before.has(inner)) {
                boolean opened = direction == Direction.INPUT && before.get(inner).equals(BooleanNode.FALSE);
                if (!opened) {
                    compare(at + "/" + inner, before.get(inner), now);
                }
            } else {
                check(at + "/" + inner, now.isMissingNode() || direction == Direction.OUTPUT, "is new");
            }
        }
        for (String choice : List.of("oneOf", "anyOf")) {
            alternatives(at + "/" + choice, before.path(choice), after.path(choice));
        }
    }

    /** Each one of the narrower schema has its like in the wider. */
    private void alternatives(String at, JsonNode before, JsonNode after) {
        if (direction == Direction.OUTPUT || after.isMissingNode()) {
            return;
        }
        check(at, !before.isMissingNode(), "is new");
        int index = 0;
        for (JsonNode old : before) {
            Optional<List<String>> nearest = after.valueStream().map(now -> {
                var inner = new SchemaChanges(oldRoot, newRoot, direction);
                inner.compare(at, old, now);
                return inner.breaks;
            }).min(Comparator.comparingInt(List::size));
            String which = at + "/" + index++;
            check(which, nearest.isPresent(), "is gone");
            nearest.stream().flatMap(List::stream).forEach(fault -> breaks.add(which + ": " + fault));
        }
    }

    private void compareReferred(String at, JsonNode before, JsonNode after) {
        JsonNode old = referred(oldRoot, before);
        JsonNode now = referred(newRoot, after);
        if (!old.isMissingNode() && !now.isMissingNode()) {
            compare(at, old, now);
        } else if (!old.isMissingNode()) {
            compare(at, old, after);
        } else if (!now.isMissingNode()) {
            compare(at, before, now);
        }
    }

    private static JsonNode referred(JsonNode root, JsonNode schema) {
        return schema.has("$ref") ? root.at(schema.get("$ref").asText().substring(1)) : MissingNode.getInstance();
    }

    private static boolean matchAll(Set<JsonNode> words, String pattern) {
        return !words.isEmpty()
                && words.stream().allMatch(word -> Pattern.compile(pattern).matcher(word.asText()).find());
    }

    private static Set<String> types(JsonNode schema) {
        JsonNode type = schema.path("type");
        if (type.isMissingNode()) {
            return words(schema).stream().map(word -> word.getNodeType().name().toLowerCase(Locale.ROOT))
                    .collect(Collectors.toSet());
        }
        return type.isTextual() ? Set.of(type.asText()) : texts(type);
    }

    /** A pattern that gained an alternative at its end still matches all that it did. */
    private static boolean isOneMore(JsonNode pattern, String wide) {
        return pattern.isTextual() && wide.startsWith(pattern.asText() + "|");
    }

    private static Set<JsonNode> words(JsonNode schema) {
        return Stream.concat(schema.path("enum").valueStream(),
                schema.has("const") ? Stream.of(schema.get("const")) : Stream.empty())
                .collect(Collectors.toSet());
    }

    private static Set<String> texts(JsonNode array) {
        return array.valueStream().map(JsonNode::asText).collect(Collectors.toSet());
    }

    private static boolean within(JsonNode wide, JsonNode narrow, boolean greaterIsNarrower) {
        if (wide.isMissingNode() || narrow.isMissingNode()) {
            return wide.isMissingNode();
        }
        int order = narrow.decimalValue().compareTo(wide.decimalValue());
        return greaterIsNarrower ? order >= 0 : order <= 0;
    }

    private void check(String at, boolean holds, String fault) {
        if (!holds) {
            breaks.add(at + " " + fault);
        }
    }
}
