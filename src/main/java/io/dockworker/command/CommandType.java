package io.dockworker.command;

import java.util.Locale;
import java.util.Optional;

/** The verbs, as they stand in a command's {@code type}. */
public enum CommandType {
    CREATE, START, STOP, RESTART, PAUSE, UNPAUSE, KILL, REMOVE, RENAME, UPDATE, REPLACE, PULL, CANCEL;

    /** Reads a verb; {@code delete} is another word for {@code remove}. */
    public static Optional<CommandType> parse(String word) {
        if (word.equals("delete")) {
            return Optional.of(REMOVE);
        }
        for (CommandType type : values()) {
            if (type.toString().equals(word)) {
                return Optional.of(type);
            }
        }
        return Optional.empty();
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
