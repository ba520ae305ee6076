package io.dockworker.command;

/**
 * A value that the vocabulary refuses. The message says what is wrong and how to mend it, in words for the person who
 * wrote the value; it names no field, since only the caller knows where the value stood.
 */
public final class InvalidValue extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    public InvalidValue(String message) {
        super(message);
    }
}
