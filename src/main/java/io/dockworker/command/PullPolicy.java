package io.dockworker.command;

import java.util.Locale;

/** When a create asks the registry for its image. */
public enum PullPolicy {
    MISSING, ALWAYS, NEVER;

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
