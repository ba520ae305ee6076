package io.dockworker.journal;

import io.dockworker.command.ContainerSnapshot;
import io.dockworker.command.HostId;
import java.time.Instant;

/**
 * A managed container as the fleet's records show it.
 *
 * @param seenAt when its host last looked
 */
public record ManagedContainer(HostId host, ContainerSnapshot container, Instant seenAt) {}
