package io.dockworker.command;

import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Docker's states of a container. */
public enum ContainerStatus {
    CREATED, RUNNING, PAUSED, RESTARTING, REMOVING, EXITED, DEAD;

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** @throws InvalidValue if it is none of Docker's words */
    public static ContainerStatus parse(String word) {
        return Stream.of(values()).filter(status -> status.toString().equals(word)).findFirst()
                .orElseThrow(() -> new InvalidValue("\"" + word + "\" is no status of a container; they are "
                        + Stream.of(values()).map(ContainerStatus::toString).collect(Collectors.joining(", "))));
    }
}
