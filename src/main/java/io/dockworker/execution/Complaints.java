package io.dockworker.execution;

import io.dockworker.command.ErrorCode;
import io.dockworker.command.Failure;
import java.util.Locale;

/**
 * Sorts what the engine says in words alone. It has no codes for these, so this is the one place that reads its prose; a
 * text that is not recognised is an {@code ENGINE_ERROR} and loses nothing but its label.
 */
final class Complaints {
    private Complaints() {}

    /** What the engine will not do, and says so at once. */
    static Failure refusal(String complaint) {
        if (complaint.toLowerCase(Locale.ROOT).contains("range of cpus")) {
            return Failure.at("/resources/cpu_limit", ErrorCode.INVALID_COMMAND, complaint);
        }
        Failure known = failure(complaint);
        return known.code() == ErrorCode.ENGINE_ERROR ? Failure.of(ErrorCode.INVALID_COMMAND, complaint) : known;
    }

    static Failure failure(String complaint) {
        String words = complaint.toLowerCase(Locale.ROOT);
        if (words.contains("port is already allocated") || words.contains("address already in use")) {
            return Failure.retryable(ErrorCode.PORT_IN_USE, complaint);
        }
        if (words.contains("no space left on device")) {
            return Failure.retryable(ErrorCode.DISK_FULL, complaint);
        }
        return Failure.of(ErrorCode.ENGINE_ERROR, complaint);
    }
}
