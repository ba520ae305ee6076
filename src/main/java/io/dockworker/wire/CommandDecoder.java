package io.dockworker.wire;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dockworker.command.Command;
import io.dockworker.command.CommandId;
import io.dockworker.command.CommandType;
import io.dockworker.command.ImageName;
import java.util.List;
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
     * Reads the body of a request that creates containers: {@code count} and the create fields, without what the request
     * says elsewhere.
     */
    public Decoded decodeCreate(byte[] body, ImageName image, CommandId id) {
        byte[] json = body.length == 0 ? new byte[]{'{', '}'} : body;
        return switch (StrictJson.read(json)) {
            case StrictJson.Read.Refused refused -> new Decoded.NoCommand(refused.code(), refused.message());
            case StrictJson.Read.Tree(ObjectNode fields, var badText) -> {
                for (String elsewhere : List.of("id", "type", "image")) {
                    if (fields.has(elsewhere)) {
                        yield new Decoded.NoCommand(DeadLetterCode.NOT_A_COMMAND, "leave out \"" + elsewhere
                                + "\": the path names the image, and the header Idempotency-Key the id");
                    }
                }
                fields.put("id", id.value()).put("type", CommandType.CREATE.toString()).put("image", image.given());
                yield decode(new StrictJson.Read.Tree(fields, badText), Map.of(), id.value());
            }
            case StrictJson.Read.Tree _ ->
                new Decoded.NoCommand(DeadLetterCode.NOT_A_COMMAND, "the body is a JSON object, as in {\"count\": 1}");
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
