package io.dockworker.command;

import java.util.regex.Pattern;

/** Names one command among all publishers: 1 to 128 of letters, digits and {@code ._:-}. */
public record CommandId(String value) implements Comparable<CommandId> {
    private static final Pattern SHAPE = Pattern.compile("[A-Za-z0-9._:-]{1,128}");

    public CommandId {
        if (!SHAPE.matcher(value).matches()) {
            throw new InvalidValue("an id has 1 to 128 characters of letters, digits and ._:- (use a UUID or ULID)");
        }
    }

    @Override
    public int compareTo(CommandId other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
