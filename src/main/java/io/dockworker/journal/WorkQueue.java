package io.dockworker.journal;

import java.util.Collection;
import java.util.List;

/** What this host has to do: the heads of its own lanes, never more. */
public interface WorkQueue {
    /**
     * The lanes of this host that have work, by number.
     *
     * @param after the lane behind which to begin; 0: with the first
     * @param limit how many at most
     */
    List<Long> lanesAfter(long after, int limit);

    /** The heads of some lanes of this host; a lane without work has none. */
    List<Work> heads(Collection<Long> lanes);

    /**
     * Records steps of several lanes in one transaction. Each step is guarded by the state it found, so that the same
     * steps may be recorded again when it is not known whether the commit took place.
     *
     * @return for each step, in order, what became of it
     * @throws Unavailable if it cannot be done now, or it is not known whether it was
     * @throws Superseded  if this worker no longer owns its host
     */
    List<Recorded> record(List<LaneStep> steps);
}
