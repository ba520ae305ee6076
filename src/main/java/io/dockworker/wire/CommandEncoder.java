package io.dockworker.wire;

import io.dockworker.command.Command;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Writes commands, for the commands topic and for keeping. {@link CommandDecoder} reads an equal command from it. */
public final class CommandEncoder {
    /** Bare JSON in UTF-8 with every default written out; variables, labels and ports keep their order. */
    public byte[] encode(Command command) {
        return CommandTree.of(command).toString().getBytes(StandardCharsets.UTF_8);
    }

    /** The record's key and value, to be sent to the commands topic. */
    public OutboundMessage message(Command command) {
        return new OutboundMessage("commands", command.key().getBytes(StandardCharsets.UTF_8), encode(command),
                List.of(OutboundMessage.Header.of("content-type", "application/json")));
    }

    /** What a valid command asks for; the same as its decoder says. */
    public ContentHash hash(Command command) {
        return CommandDecoder.hash(command);
    }
}
