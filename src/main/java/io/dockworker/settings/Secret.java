package io.dockworker.settings;

/** Text that must not reach a log: printing this object shows asterisks. */
public record Secret(String value) {
    static final String MASK = "******";

    @Override
    public String toString() {
        return MASK;
    }
}
