package io.dockworker.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.DecimalNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.math.BigDecimal;
import java.util.List;
import java.util.Optional;

/**
 * Makes a command of words like {@code env.A=b}. Dots lead into objects; whether {@code 1} is a number or text, and
 * whether a word begins an array, the schema of the place says. A word that fits no kind stays text, for the decoder to
 * complain of in its own words.
 */
final class KeyValues {
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS, DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private KeyValues() {}

    /** One of the words cannot be used; the message says why. */
    static final class Unusable extends Exception {
        private static final long serialVersionUID = 1L;

        Unusable(String message) {
            super(message);
        }
    }

    static ObjectNode command(String type, List<String> words) throws Unusable {
        CommandSchema schema = CommandSchema.load(type);
        ObjectNode command = JsonNodeFactory.instance.objectNode().put("type", type);
        for (String word : words) {
            int equals = word.indexOf('=');
            if (equals < 1) {
                throw new Unusable("write KEY=VALUE, as in name=web or env.A=b, not \"" + word + "\"");
            }
            put(command, Optional.of(schema.command()), word.substring(0, equals), word.substring(equals + 1), word);
        }
        return command;
    }

    private static void put(ObjectNode object, Optional<CommandSchema.Place> place, String key, String text,
            String word) throws Unusable {
        Step step = step(place, key);
        if (step.rest().isEmpty()) {
            set(object, step, text, word);
            return;
        }
        JsonNode inner = object.get(step.name());
        if (inner == null) {
            inner = object.putObject(step.name());
        }
        if (!(inner instanceof ObjectNode nested)) {
            throw new Unusable("`" + step.name() + "` was given a value before; \"" + word + "\" leads into it");
        }
        put(nested, step.place(), step.rest().get(), text, word);
    }

    /** One step into a command, and what of the key is left behind it. */
    private record Step(String name, Optional<CommandSchema.Place> place, Optional<String> rest) {}

    private static Step step(Optional<CommandSchema.Place> place, String key) {
        Optional<CommandSchema.Place> any = place.flatMap(CommandSchema.Place::anyField);
        if (any.isPresent() && place.flatMap(at -> at.field(firstOf(key))).isEmpty()) {
            // Free names have dots of their own: only a field of what stands behind the name ends it.
            int last = key.lastIndexOf('.');
            return last > 0 && any.get().field(key.substring(last + 1)).isPresent()
                    ? new Step(key.substring(0, last), any, Optional.of(key.substring(last + 1)))
                    : new Step(key, any, Optional.empty());
        }
        int dot = key.indexOf('.');
        String name = firstOf(key);
        return new Step(name, place.flatMap(at -> at.field(name)),
                dot > 0 && dot < key.length() - 1 ? Optional.of(key.substring(dot + 1)) : Optional.empty());
    }

    private static String firstOf(String key) {
        int dot = key.indexOf('.');
        return dot > 0 && dot < key.length() - 1 ? key.substring(0, dot) : key;
    }

    private static void set(ObjectNode object, Step step, String text, String word) throws Unusable {
        boolean list = step.place().filter(place -> place.allows("array")).isPresent();
        JsonNode before = object.get(step.name());
        if (list && !(text.startsWith("[") && json(text).filter(JsonNode::isArray).isPresent())) {
            // Some lists may be a number too, as `gpus`; the first word decides.
            boolean other = before == null && !step.place().get().allows("string")
                    && scalar(step.place().get(), text).isPresent();
            if (!other) {
                ArrayNode array = before instanceof ArrayNode begun ? begun : object.putArray(step.name());
                array.add(value(step.place().get().item(), text));
                return;
            }
        }
        if (before != null) {
            throw new Unusable("`" + step.name() + "` is given twice: \"" + word + "\"");
        }
        object.set(step.name(), value(step.place(), text));
    }

    private static JsonNode value(Optional<CommandSchema.Place> place, String text) {
        if (place.isEmpty() || !place.get().isKnown()) {
            // No field of this command: the decoder says so, whatever the value is.
            return TextNode.valueOf(text);
        }
        boolean structured = (text.startsWith("{") && place.get().allows("object"))
                || (text.startsWith("[") && place.get().allows("array"));
        Optional<JsonNode> json = structured ? json(text) : Optional.empty();
        if (json.isPresent()) {
            return json.get();
        }
        if (place.get().allows("string")) {
            return TextNode.valueOf(text);
        }
        return scalar(place.get(), text).orElseGet(() -> TextNode.valueOf(text));
    }

    /** A number or a truth value, if it looks like one and may be one. */
    private static Optional<JsonNode> scalar(CommandSchema.Place place, String text) {
        if (place.allows("boolean") && (text.equals("true") || text.equals("false"))) {
            return Optional.of(BooleanNode.valueOf(text.equals("true")));
        }
        if ((place.allows("integer") || place.allows("number")) && text.matches("-?[0-9]{1,18}(\\.[0-9]{1,9})?")) {
            return Optional.of(DecimalNode.valueOf(new BigDecimal(text)));
        }
        return Optional.empty();
    }

    private static Optional<JsonNode> json(String text) {
        try {
            return Optional.of(JSON.readTree(text));
        } catch (JsonProcessingException _) {
            return Optional.empty();
        }
    }
}
