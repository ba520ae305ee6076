package io.dockworker.wire;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.DecimalNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.dockworker.command.Command;
import java.math.BigDecimal;
import java.util.Map;

/** Reads the records of the commands topic. Never throws, whatever a record holds. */
public final class CommandDecoder {
    /**
     * Reads one record. Its key plays no part: it only chose the partition.
     *
     * @param value   null where the record has none
     * @param headers of the record, as text; of several with one name the last
     * @param madeId  the id of a command that names none, made from where the record stands
     */
    public Decoded decode(byte[] value, Map<String, String> headers, String madeId) {
        if (value == null || value.length == 0) {
            return new Decoded.NoCommand(DeadLetterCode.NOT_A_COMMAND, "the record has no value");
        }
        return switch (StrictJson.read(value)) {
            case StrictJson.Read.Refused refused -> new Decoded.NoCommand(refused.code(), refused.message());
            case StrictJson.Read.Tree tree -> decode(tree, headers, madeId);
        };
    }

    /**
     * Reads the body of a request for a command.
     *
     * @param body   JSON, whatever is said of its type; empty: no fields but those of {@code said}
     * @param said   the fields that path, query and headers say: text, a boolean or a whole number; a body that says
     *               otherwise is no command
     * @param madeId the id of a command that names none
     */
    public Decoded decodeRequest(byte[] body, Map<String, Object> said, String madeId) {
        byte[] json = body.length == 0 ? new byte[]{'{', '}'} : body;
        return switch (StrictJson.read(json)) {
            case StrictJson.Read.Refused refused -> new Decoded.NoCommand(refused.code(), refused.message());
            case StrictJson.Read.Tree(ObjectNode fields, var badText) -> {
                for (Map.Entry<String, Object> field : said.entrySet()) {
                    JsonNode before = fields.replace(field.getKey(), node(field.getValue()));
                    if (before != null && !before.equals(fields.get(field.getKey()))) {
                        yield new Decoded.NoCommand(DeadLetterCode.NOT_A_COMMAND, "leave \"" + field.getKey()
                                + "\" out of the body: the request says " + fields.get(field.getKey()) + " already");
                    }
                }
                yield decode(new StrictJson.Read.Tree(fields, badText), Map.of(), madeId);
            }
            case StrictJson.Read.Tree _ ->
                new Decoded.NoCommand(DeadLetterCode.NOT_A_COMMAND, "the body is a JSON object, as in {\"count\": 1}");
        };
    }

    private static JsonNode node(Object value) {
        return switch (value) {
            case Boolean flag -> BooleanNode.valueOf(flag);
            case Long number -> DecimalNode.valueOf(BigDecimal.valueOf(number));
            default -> TextNode.valueOf(value.toString());
        };
    }

    private static Decoded decode(StrictJson.Read.Tree tree, Map<String, String> headers, String madeId) {
        Envelope envelope;
        try {
            envelope = Envelope.of(tree.root(), headers, madeId);
        } catch (Envelope.NoEnvelope e) {
            return new Decoded.NoCommand(DeadLetterCode.NOT_A_COMMAND, e.getMessage());
        }
        try {
            tree.badText().ifPresent(pointer -> {
                // Within a CloudEvent the fields stand one deeper.
                boolean event = !envelope.body().equals(tree.root()) && pointer.startsWith("/data/");
                throw new InvalidField(event ? pointer.substring("/data".length()) : pointer,
                        "text has neither NUL (\\u0000) nor half a surrogate pair in it");
            });
            Command command = CommandReader.read(envelope);
            return new Decoded.Accepted(command, hash(command));
        } catch (InvalidField e) {
            // Marked apart, so that what is invalid never equals a valid command.
            var hash = ContentHash.of("rejected " + CommandTree.content(envelope.body()));
            return new Decoded.Rejected(envelope.id(), envelope.type(), e.failure(), hash, envelope.correlationId(),
                    envelope.traceparent());
        }
    }

    /**
     * Reads what {@link CommandEncoder} wrote.
     *
     * @throws IllegalStateException if this is no valid command
     */
    public Command decodeStored(byte[] stored) {
        return switch (decode(stored, Map.of(), "")) {
            case Decoded.Accepted accepted -> accepted.command();
            case Decoded.Rejected rejected ->
                throw new IllegalStateException("no valid command is stored here: " + rejected.failure());
            case Decoded.NoCommand none ->
                throw new IllegalStateException("no command is stored here: " + none.message());
        };
    }

    static ContentHash hash(Command command) {
        ObjectNode tree = CommandTree.of(command);
        // A deadline written out means what the same deadline by default does.
        if (command.deadline().equals(Command.standardDeadline(command.type()))) {
            tree.remove("deadline_seconds");
        }
        return ContentHash.of(CommandTree.content(tree));
    }
}
