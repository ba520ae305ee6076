package io.dockworker.health;

import io.dockworker.command.ContainerId;
import io.dockworker.command.ContainerSnapshot;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** Reads what containers have used so far. */
public interface StatsSource {
    /**
     * Reads many containers in one sweep.
     *
     * @return a reading for each container that could be read; one that is gone is left out
     */
    Map<ContainerId, Usage> read(Collection<ContainerSnapshot> running);

    /**
     * Counters of one container.
     *
     * @param readAtNanos      {@link System#nanoTime()} of the reading
     * @param cpuNanos         processor time used since the container started
     * @param memoryBytes      working set: memory in use without the reclaimable page cache
     * @param networkRxBytes   empty where it has no network of its own
     * @param oomKills         processes of it that were killed for lack of memory since it started; empty where the
     *                         source does not count them
     */
    record Usage(long readAtNanos, long cpuNanos, long memoryBytes, OptionalLong networkRxBytes,
            OptionalLong networkTxBytes, OptionalLong blockReadBytes, OptionalLong blockWriteBytes,
            OptionalLong pids, OptionalLong oomKills) {}

    /** What the host has in all, for containers without a limit. */
    record HostCapacity(int cores, long memoryBytes, Optional<Double> diskUsedPercent) {}
}
