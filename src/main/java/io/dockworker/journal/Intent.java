package io.dockworker.journal;

import io.dockworker.command.ContainerSnapshot;
import java.util.Optional;

/**
 * What is put on record before the engine is touched, so that a successor can tell what has changed since.
 *
 * @param before the container as it was; empty where there was none
 */
public record Intent(Optional<ContainerSnapshot> before) {}
