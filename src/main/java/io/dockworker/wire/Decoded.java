package io.dockworker.wire;

import io.dockworker.command.Command;
import io.dockworker.command.CommandId;
import io.dockworker.command.Failure;
import java.util.Optional;

/** What a record of the commands topic turned out to be. */
public sealed interface Decoded {
    /** A valid command. */
    record Accepted(Command command, ContentHash hash) implements Decoded {}

    /**
     * A command that can be named but not executed. It is answered by a {@code rejected} result.
     *
     * @param type as written
     */
    record Rejected(CommandId id, String type, Failure failure, ContentHash hash, Optional<String> correlationId,
            Optional<String> traceparent) implements Decoded {}

    /** Nothing that could be answered. It becomes a dead letter. */
    record NoCommand(DeadLetterCode code, String message) implements Decoded {}
}
