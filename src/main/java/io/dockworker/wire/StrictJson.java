package io.dockworker.wire;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.DecimalNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.dockworker.command.StorableText;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/**
 * Reads one JSON document from bytes of strangers. The tree is built here from the token stream, so that each bound is
 * judged where it is crossed and nothing beyond it is read.
 */
final class StrictJson {
    static final int MAX_BYTES = 256 << 10;
    static final int MAX_DEPTH = 32;
    static final int MAX_DIGITS = 40;

    /** The outcome of reading. */
    sealed interface Read {
        /**
         * @param root    text that no database could keep is replaced in it
         * @param badText points at the first text with a NUL or half a surrogate pair
         */
        record Tree(JsonNode root, Optional<String> badText) implements Read {}

        record Refused(DeadLetterCode code, String message) implements Read {}
    }

    /** Unwinds the recursion; never leaves this class. */
    private static final class Stop extends Exception {
        private static final long serialVersionUID = 1L;
        private final transient Read.Refused why;

        Stop(DeadLetterCode code, String message) {
            super(message, null, false, false);
            this.why = new Read.Refused(code, message);
        }
    }

    /**
     * Our own bounds are tighter than any of the parser's, which are therefore out of the way. Names of strangers are
     * not kept: the parser's table of names is shared and would be theirs to fill.
     */
    private static final JsonFactory FACTORY = new JsonFactoryBuilder()
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES).disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(10 * MAX_DEPTH)
                    .maxNumberLength(2 * MAX_BYTES).maxStringLength(2 * MAX_BYTES).maxNameLength(2 * MAX_BYTES).build())
            .build();

    private final JsonParser parser;
    /** Where the reading is: names, and an {@link int[]} of one element as the index of an array. */
    private final Deque<Object> path = new ArrayDeque<>();
    private String badText;

    private StrictJson(JsonParser parser) {
        this.parser = parser;
    }

    /** Never throws, whatever the bytes. */
    static Read read(byte[] bytes) {
        if (bytes.length > MAX_BYTES) {
            return new Read.Refused(DeadLetterCode.TOO_LARGE,
                    "a command has at most " + MAX_BYTES + " bytes, this one " + bytes.length);
        }
        String text;
        try {
            text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        } catch (CharacterCodingException _) {
            return new Read.Refused(DeadLetterCode.NOT_JSON, "the bytes are not UTF-8");
        }
        if (text.startsWith("\uFEFF")) {
            return new Read.Refused(DeadLetterCode.NOT_JSON, "JSON begins without a byte order mark");
        }
        try (JsonParser parser = FACTORY.createParser(text)) {
            return new StrictJson(parser).document();
        } catch (JsonProcessingException e) {
            return new Read.Refused(DeadLetterCode.NOT_JSON, Text.shown("line " + e.getLocation().getLineNr()
                    + ", column " + e.getLocation().getColumnNr() + ": " + e.getOriginalMessage(), 300));
        } catch (IOException e) {
            throw new UncheckedIOException("reading from memory", e);
        } catch (Stop stop) {
            return stop.why;
        }
    }

    private Read document() throws IOException, Stop {
        JsonToken first = parser.nextToken();
        if (first == null) {
            throw new Stop(DeadLetterCode.NOT_JSON, "there is nothing but white space");
        }
        JsonNode root = value(first, 1);
        if (parser.nextToken() != null) {
            throw new Stop(DeadLetterCode.NOT_JSON, "something follows the end of the document");
        }
        return new Read.Tree(root, Optional.ofNullable(badText));
    }

    /** Recursion is safe: it goes {@link #MAX_DEPTH} deep at most. */
    private JsonNode value(JsonToken token, int depth) throws IOException, Stop {
        return switch (token) {
            case START_OBJECT -> object(depth);
            case START_ARRAY -> array(depth);
            case VALUE_STRING -> TextNode.valueOf(text(parser.getText()));
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> DecimalNode.valueOf(number());
            case VALUE_TRUE -> BooleanNode.TRUE;
            case VALUE_FALSE -> BooleanNode.FALSE;
            case VALUE_NULL -> NullNode.instance;
            case FIELD_NAME, END_OBJECT, END_ARRAY, NOT_AVAILABLE, VALUE_EMBEDDED_OBJECT ->
                throw new Stop(DeadLetterCode.NOT_JSON, "a value is missing");
        };
    }

    private ObjectNode object(int depth) throws IOException, Stop {
        checkDepth(depth);
        ObjectNode object = JsonNodeFactory.instance.objectNode();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String written = parser.currentName();
            path.addLast(written);
            String name = text(written);
            if (object.has(name)) {
                throw new Stop(DeadLetterCode.DUPLICATE_KEY, "a key stands twice: " + pointer());
            }
            object.set(name, value(parser.nextToken(), depth + 1));
            path.removeLast();
        }
        return object;
    }

    private ArrayNode array(int depth) throws IOException, Stop {
        checkDepth(depth);
        ArrayNode array = JsonNodeFactory.instance.arrayNode();
        int[] index = {0};
        path.addLast(index);
        for (JsonToken token = parser.nextToken(); token != JsonToken.END_ARRAY; token = parser.nextToken()) {
            array.add(value(token, depth + 1));
            index[0]++;
        }
        path.removeLast();
        return array;
    }

    private static void checkDepth(int depth) throws Stop {
        if (depth > MAX_DEPTH) {
            throw new Stop(DeadLetterCode.TOO_DEEP, "a command nests at most " + MAX_DEPTH + " deep");
        }
    }

    private BigDecimal number() throws IOException, Stop {
        // The length first: turning text into a number costs more than linearly, and an exponent more than its length.
        if (parser.getTextLength() <= 2 * MAX_DIGITS) {
            String text = parser.getText();
            int exponent = Math.max(text.indexOf('e'), text.indexOf('E'));
            if (exponent < 0 || text.length() - exponent <= 6) {
                var number = new BigDecimal(text);
                int writtenOut = Math.max(number.precision(), number.scale() + 1) + Math.max(0, -number.scale());
                if (writtenOut <= MAX_DIGITS) {
                    return number;
                }
            }
        }
        throw new Stop(DeadLetterCode.TOO_LARGE,
                "a number has more than " + MAX_DIGITS + " digits when written out: " + pointer());
    }

    private String text(String text) {
        String kept = StorableText.of(text);
        if (badText == null && !kept.equals(text)) {
            badText = pointer();
        }
        return kept;
    }

    private String pointer() {
        var pointer = new StringBuilder();
        for (Object step : path) {
            pointer.append(Text.step(step instanceof int[] index ? Integer.toString(index[0]) : (String) step));
        }
        return pointer.toString();
    }
}
