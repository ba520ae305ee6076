package io.dockworker.journal;

import io.dockworker.command.ContainerEvent;
import io.dockworker.command.ContainerId;
import io.dockworker.command.ContainerSnapshot;
import io.dockworker.command.ContainerSpec;
import io.dockworker.command.Outcome;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The end of a piece of work, as one transaction records it.
 *
 * @param attempt   the one that ends here: 0 if execution never began
 * @param startedAt when execution first began
 * @param laneHolds the lane's container from now on
 * @param seen      the container as it is now, where it is
 * @param gone      the container that is no more
 * @param spec      what the lane's container is made of from now on; empty: as before
 * @param freedName a name that the lane held, for the command or before it, and may hold no longer
 * @param events    in the order they happened
 */
public record Completion(Work work, int attempt, Outcome outcome, Optional<Instant> startedAt,
        Optional<ContainerId> laneHolds, Optional<ContainerSnapshot> seen, Optional<ContainerId> gone,
        Optional<ContainerSpec> spec, Optional<String> freedName, List<ContainerEvent> events,
        Map<String, Duration> timings) {
    public Completion {
        events = List.copyOf(events);
    }

    /** Of work that execution never touched. */
    static Completion untouched(Work work, Outcome outcome) {
        return new Completion(work, work.attempts(), outcome, work.startedAt(), work.container(), Optional.empty(),
                Optional.empty(), Optional.empty(), work.attempts() == 0 ? work.wantedName() : Optional.empty(),
                List.of(),
                Map.of());
    }
}
