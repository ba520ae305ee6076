package io.dockworker.command;

/** Counts the workers that have owned a host, one after the other. A write that bears an older epoch is refused. */
public record Epoch(long value) {
    public Epoch {
        if (value < 1) {
            throw new IllegalArgumentException("epochs start at 1");
        }
    }

    @Override
    public String toString() {
        return Long.toString(value);
    }
}
