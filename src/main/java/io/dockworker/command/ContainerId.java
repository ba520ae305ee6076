package io.dockworker.command;

import java.util.regex.Pattern;

/** The engine's full id of a container: 64 lower-case hexadecimal digits. */
public record ContainerId(String value) {
    private static final Pattern SHAPE = Pattern.compile("[0-9a-f]{64}");

    public ContainerId {
        if (!SHAPE.matcher(value).matches()) {
            throw new InvalidValue("a container id has 64 hexadecimal digits");
        }
    }

    /** The twelve digits that people see. */
    public String abbreviated() {
        return value.substring(0, 12);
    }

    @Override
    public String toString() {
        return value;
    }
}
