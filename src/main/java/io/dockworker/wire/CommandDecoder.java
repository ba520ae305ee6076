package io.dockworker.wire;

import io.dockworker.command.Command;
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

    private static Decoded decode(StrictJson.Read.Tree tree, Map<String, String> headers, String madeId) {
        Envelope envelope;
        try {
            envelope = Envelope.ofBareJson(tree.root(), headers, madeId);
        } catch (Envelope.NoEnvelope e) {
            return new Decoded.NoCommand(DeadLetterCode.NOT_A_COMMAND, e.getMessage());
        }
        try {
            tree.badText().ifPresent(pointer -> {
                throw new InvalidField(pointer, "text has neither NUL (\\u0000) nor half a surrogate pair in it");
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
        return ContentHash.of(CommandTree.content(CommandTree.of(command)));
    }
}
