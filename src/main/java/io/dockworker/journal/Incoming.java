package io.dockworker.journal;

import io.dockworker.command.Command;
import io.dockworker.command.CommandId;
import io.dockworker.command.Failure;
import java.util.Optional;

/** A record of the commands topic, as it was understood. Arrays are not copied; nobody may change them. */
@SuppressWarnings("ArrayRecordComponent")
public sealed interface Incoming {
    /**
     * A valid command.
     *
     * @param contentHash equal for equal commands
     * @param specHash    of a create's specification
     */
    record Valid(Command command, byte[] contentHash, Optional<String> specHash, Source source) implements Incoming {}

    /** A command that can be named but not executed: it gets a result, and the id is spent. */
    record Invalid(CommandId id, String type, Failure failure, byte[] contentHash, Optional<String> correlationId,
            Optional<String> traceparent, Source source) implements Incoming {}

    /** No command at all. */
    record Unreadable(String code, String message, Source source) implements Incoming {}

    Source source();
}
