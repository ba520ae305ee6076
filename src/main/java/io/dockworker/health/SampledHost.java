package io.dockworker.health;

import io.dockworker.command.ContainerSnapshot;
import io.dockworker.command.HostId;
import java.util.Collection;

/** Whom a sampler watches. It asks with each turn, so answers come from memory, not from an engine or a database. */
public interface SampledHost {
    HostId id();

    /** All containers as last seen, running or not. Those that are not managed are ignored. */
    Collection<ContainerSnapshot> containers();

    StatsSource.HostCapacity capacity();
}
