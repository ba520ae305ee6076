package io.dockworker.wire;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dockworker.command.InvalidValue;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * The fields of one JSON object of a command, read by kind. Every fault is an {@link InvalidField} that points at the
 * field and says how to mend it.
 */
final class Fields {
    private final String pointer;
    private final ObjectNode object;

    Fields(String pointer, ObjectNode object) {
        this.pointer = pointer;
        this.object = object;
    }

    String at(String name) {
        return pointer + Text.step(name);
    }

    Iterable<String> names() {
        return object::fieldNames;
    }

    boolean has(String name) {
        return object.has(name);
    }

    Optional<JsonNode> find(String name) {
        JsonNode value = object.get(name);
        if (value != null && value.isNull()) {
            throw new InvalidField(at(name), "null is no value: leave the field out");
        }
        return Optional.ofNullable(value);
    }

    /** Text of 1 to {@code max} characters without control characters, such as a name. */
    Optional<String> word(String name, int max) {
        return text(name, text -> {
            if (text.isEmpty() || text.length() > max || Text.hasControls(text)) {
                throw new InvalidValue("write 1 to " + max + " characters, none of them a control character");
            }
            return text;
        });
    }

    <T> Optional<T> text(String name, Function<String, T> type) {
        return find(name).map(value -> {
            if (!value.isTextual()) {
                throw new InvalidField(at(name), "write text in quotes, not " + kind(value));
            }
            return valid(at(name), () -> type.apply(value.textValue()));
        });
    }

    /** An amount that may be written as a number or as text with a unit. */
    <T> Optional<T> amount(String name, Function<BigDecimal, T> number, Function<String, T> text) {
        return find(name).map(value -> {
            if (value.isNumber()) {
                return valid(at(name), () -> number.apply(value.decimalValue()));
            }
            if (value.isTextual()) {
                return valid(at(name), () -> text.apply(value.textValue()));
            }
            throw new InvalidField(at(name), "write a number, or text with a unit, not " + kind(value));
        });
    }

    OptionalLong integer(String name, long min, long max) {
        Optional<JsonNode> value = find(name);
        return value.isEmpty() ? OptionalLong.empty() : OptionalLong.of(integer(at(name), value.get(), min, max));
    }

    static long integer(String pointer, JsonNode value, long min, long max) {
        if (value.isNumber()) {
            BigDecimal number = value.decimalValue();
            if (number.stripTrailingZeros().scale() <= 0 && number.compareTo(BigDecimal.valueOf(min)) >= 0
                    && number.compareTo(BigDecimal.valueOf(max)) <= 0) {
                return number.longValueExact();
            }
        }
        throw new InvalidField(pointer, "write a whole number from " + min + " to " + max
                + (value.isNumber() ? "" : ", not " + kind(value)));
    }

    boolean flag(String name, boolean otherwise) {
        return find(name).map(value -> {
            if (!value.isBoolean()) {
                throw new InvalidField(at(name), "write true or false without quotes, not " + kind(value));
            }
            return value.booleanValue();
        }).orElse(otherwise);
    }

    List<String> texts(String name) {
        List<String> texts = new ArrayList<>();
        find(name).ifPresent(array -> {
            if (!array.isArray()) {
                throw new InvalidField(at(name), "write an array of texts, as in [\"sleep\", \"60\"], not "
                        + kind(array));
            }
            for (JsonNode element : array) {
                if (!element.isTextual()) {
                    throw new InvalidField(at(name) + "/" + texts.size(),
                            "write text in quotes, not " + kind(element));
                }
                texts.add(element.textValue());
            }
        });
        return texts;
    }

    /** An object of texts. Numbers and truth values are taken as the text they are written with, as Compose does. */
    Map<String, String> dictionary(String name, Consumer<String> key) {
        Map<String, String> entries = new LinkedHashMap<>();
        within(name, "{\"KEY\": \"value\"}").ifPresent(inner -> {
            for (String entry : inner.names()) {
                valid(inner.at(entry), () -> {
                    key.accept(entry);
                    return entry;
                });
                JsonNode value = inner.find(entry).orElseThrow();
                if (value.isContainerNode()) {
                    throw new InvalidField(inner.at(entry), "write text in quotes, not " + kind(value));
                }
                entries.put(entry, value.isNumber() ? value.decimalValue().toPlainString() : value.asText());
            }
        });
        return entries;
    }

    Optional<Fields> within(String name, String example) {
        return find(name).map(value -> {
            if (value instanceof ObjectNode inner) {
                return new Fields(at(name), inner);
            }
            throw new InvalidField(at(name), "write an object, as in " + example + ", not " + kind(value));
        });
    }

    /** Builds a value of the vocabulary, whose complaint becomes one about the field. */
    static <T> T valid(String pointer, Supplier<T> value) {
        try {
            return value.get();
        } catch (InvalidValue e) {
            throw new InvalidField(pointer, e.getMessage());
        }
    }

    static String kind(JsonNode value) {
        return switch (value.getNodeType()) {
            case ARRAY -> "an array";
            case OBJECT -> "an object";
            case STRING -> "text";
            case NUMBER -> "a number";
            case BOOLEAN -> "true or false";
            case NULL, MISSING, BINARY, POJO -> "null";
        };
    }
}
