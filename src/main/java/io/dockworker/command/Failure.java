package io.dockworker.command;

import java.util.Optional;

/**
 * Why something was not done.
 *
 * @param message   for people: what is wrong and how to mend it
 * @param field     a JSON Pointer (RFC 6901) into the command, where one field is at fault
 * @param retryable the same command under a new id may succeed later
 */
public record Failure(ErrorCode code, String message, Optional<String> field, boolean retryable) {
    public static Failure of(ErrorCode code, String message) {
        return new Failure(code, message, Optional.empty(), false);
    }

    public static Failure retryable(ErrorCode code, String message) {
        return new Failure(code, message, Optional.empty(), true);
    }

    public static Failure at(String pointer, ErrorCode code, String message) {
        return new Failure(code, message, Optional.of(pointer), false);
    }
}
