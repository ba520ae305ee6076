package io.dockworker.health;

import io.dockworker.command.ContainerSnapshot;
import io.dockworker.command.HostId;
import java.util.Collection;

/** Whom a sampler watches. It asks with each turn, so answers come from memory, not from an engine or a database. */
public interface SampledHost {
    HostId id();

    /** All containers as last seen, running or not. Those that are not managed are ignored. */
    Collection<ContainerSnapshot> containers();

    /** What the engine knows of a container beyond its snapshot. */
    default Condition condition(ContainerSnapshot container) {
        return Condition.UNKNOWN;
    }

    StatsSource.HostCapacity capacity();

    /** @param dockerHealth {@code none}, {@code starting}, {@code healthy}, {@code unhealthy} */
    record Condition(int restartCount, String dockerHealth) {
        public static final Condition UNKNOWN = new Condition(0, "none");
    }
}
