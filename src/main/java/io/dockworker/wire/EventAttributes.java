package io.dockworker.wire;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.dockworker.command.StorableText;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiPredicate;

/**
 * The attributes of a CloudEvent that carries a command, wherever they stand. Those that mean nothing here are left
 * unread: whoever passes an event on may add some.
 */
final class EventAttributes {
    static final String PREFIX = "ce_";

    private final Map<String, JsonNode> values;
    /** Before the name, when people are told of it. */
    private final String kind;

    private EventAttributes(Map<String, JsonNode> values, String kind) {
        this.values = values;
        this.kind = kind;
    }

    static EventAttributes ofHeaders(Map<String, String> headers) {
        Map<String, JsonNode> values = new HashMap<>();
        headers.forEach((name, value) -> {
            if (name.startsWith(PREFIX)) {
                values.put(name.substring(PREFIX.length()), TextNode.valueOf(StorableText.of(value)));
            }
        });
        return new EventAttributes(values, "the header `" + PREFIX);
    }

    static EventAttributes ofMembers(ObjectNode event) {
        Map<String, JsonNode> values = new HashMap<>();
        event.properties().forEach(member -> values.put(member.getKey(), member.getValue()));
        return new EventAttributes(values, "the attribute `");
    }

    String called(String name) {
        return kind + name + "`";
    }

    Optional<String> find(String name) throws Envelope.NoEnvelope {
        JsonNode value = values.get(name);
        if (value == null || value.isNull()) {
            return Optional.empty();
        }
        if (!value.isTextual()) {
            throw new Envelope.NoEnvelope(called(name) + " is text in quotes, not " + Fields.kind(value));
        }
        if (Text.wasMended(value.textValue())) {
            throw new Envelope.NoEnvelope(called(name) + " is not UTF-8, or has a NUL in it: write plain text");
        }
        return Optional.of(value.textValue());
    }

    String required(String name, String example) throws Envelope.NoEnvelope {
        Optional<String> value = find(name).filter(text -> !text.isEmpty());
        if (value.isEmpty()) {
            throw new Envelope.NoEnvelope(called(name) + " is missing: a CloudEvent has one, as in " + example);
        }
        return value.get();
    }

    void checkVersion() throws Envelope.NoEnvelope {
        Optional<String> other = find("specversion").filter(version -> !version.equals("1.0"));
        if (other.isPresent()) {
            throw new Envelope.NoEnvelope(called("specversion") + " is `" + other.get() + "`: write 1.0");
        }
        Optional<String> format = find("datacontenttype")
                .filter(type -> !type.toLowerCase(Locale.ROOT).matches("application/json *(?:;.*)?"));
        if (format.isPresent()) {
            throw new Envelope.NoEnvelope(
                    called("datacontenttype") + " is `" + format.get() + "`: send application/json");
        }
    }

    /**
     * Puts the attribute among the fields, where it may stand already if it says the same.
     *
     * @param alike whether two texts mean the same
     */
    void merge(String name, String value, ObjectNode body, String field, BiPredicate<String, String> alike)
            throws Envelope.NoEnvelope {
        JsonNode given = body.get(field);
        if (given != null && !(given.isTextual()
                && alike.test(given.textValue(), value))) {
            throw new Envelope.NoEnvelope(called(name) + " says `" + value + "`, but the field `" + field
                    + "` says something else: leave the field out");
        }
        body.put(field, value);
    }
}
