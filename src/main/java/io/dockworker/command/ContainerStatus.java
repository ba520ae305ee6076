package io.dockworker.command;

import java.util.Locale;

/** Docker's states of a container. */
public enum ContainerStatus {
    CREATED, RUNNING, PAUSED, RESTARTING, REMOVING, EXITED, DEAD;

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static ContainerStatus parse(String word) {
        return valueOf(word.toUpperCase(Locale.ROOT));
    }
}
