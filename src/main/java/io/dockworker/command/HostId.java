package io.dockworker.command;

import java.util.regex.Pattern;

/** Names one worker's host, which is one engine. */
public record HostId(String value) {
    private static final Pattern SHAPE = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.-]{0,127}");

    public HostId {
        if (!SHAPE.matcher(value).matches()) {
            throw new InvalidValue(
                    "a host id starts with a letter or digit and goes on with letters, digits, _ . or -, "
                            + "at most 128 in all");
        }
    }

    @Override
    public String toString() {
        return value;
    }
}
