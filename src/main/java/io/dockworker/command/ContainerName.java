package io.dockworker.command;

import java.util.regex.Pattern;

/** A container's name, by Docker's rule, without the leading slash that its API shows. */
public record ContainerName(String value) {
    /** Docker has no upper bound of its own; a host name or a file name made from the name has. It wants two or more. */
    private static final Pattern SHAPE = Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9_.-]{1,127}");

    public ContainerName {
        if (!SHAPE.matcher(value).matches()) {
            throw new InvalidValue("a container name starts with a letter or digit and goes on with letters, digits, "
                    + "_ . or -, 2 to 128 in all");
        }
    }

    @Override
    public String toString() {
        return value;
    }
}
