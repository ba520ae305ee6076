package io.dockworker.wire;

import io.dockworker.command.ErrorCode;
import io.dockworker.command.Failure;

/** Unwinds the reading of a command at its first fault. {@link CommandDecoder} turns it into a value. */
final class InvalidField extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient Failure failure;

    InvalidField(String pointer, String message) {
        this(pointer, ErrorCode.INVALID_COMMAND, message);
    }

    InvalidField(String pointer, ErrorCode code, String message) {
        super(message, null, false, false);
        this.failure = Failure.at(pointer, code, message);
    }

    Failure failure() {
        return failure;
    }
}
