package io.dockworker.journal;

import io.dockworker.command.ContainerSnapshot;
import io.dockworker.command.Failure;
import java.util.Optional;

/**
 * What is put on record before the engine is touched, so that a successor can tell what has changed since.
 *
 * @param before   the container as it was; empty where there was none
 * @param undoing  why what was begun is being undone; empty while it is not
 * @param well     the new container of a replacement was well, and may take over
 */
public record Intent(Optional<ContainerSnapshot> before, Optional<Failure> undoing, boolean well) {
    public Intent(Optional<ContainerSnapshot> before) {
        this(before, Optional.empty(), false);
    }

    public Intent undone(Failure why) {
        return new Intent(before, Optional.of(why), well);
    }

    public Intent foundWell() {
        return new Intent(before, undoing, true);
    }
}
