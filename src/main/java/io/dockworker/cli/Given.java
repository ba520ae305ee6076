package io.dockworker.cli;

import io.dockworker.command.InvalidValue;
import java.util.Optional;
import java.util.function.Function;

/** What was given behind an option, read or refused as wrong usage. */
final class Given {
    private Given() {}

    /** @param text null where the option was not given */
    static <T> Optional<T> parsed(String option, String text, Function<String, T> type) {
        try {
            return Optional.ofNullable(text).map(type);
        } catch (InvalidValue e) {
            throw new Exit.Because(Exit.USAGE, option + ": " + e.getMessage());
        }
    }

    /** How many are wanted at most. */
    static int limit(int given) {
        if (given < 1) {
            throw new Exit.Because(Exit.USAGE, "--limit: write a number from 1 on, not " + given);
        }
        return given;
    }
}
