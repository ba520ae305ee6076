package io.dockworker.http;

import io.dockworker.command.ContainerId;
import io.dockworker.command.HealthSample;
import io.dockworker.journal.ContainerViews;
import io.dockworker.journal.ManagedContainer;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** What is known of the fleet's containers. */
public interface ContainerView {
    /** Containers in the order of their names, behind a place. */
    List<ManagedContainer> page(ContainerViews.Filter filter, Optional<ContainerViews.Place> after, int limit)
            throws ViewUnavailable;

    /** @param reference a name, a full id, or at least twelve digits of an id */
    Lookup find(String reference) throws ViewUnavailable;

    /** Whether what has this name has commands that have not ended, as a container has that is yet to be made. */
    boolean isToCome(String name) throws ViewUnavailable;

    /** The latest sample; where there is none yet, one taken now; empty where none can be had. */
    Optional<HealthSample> latestHealth(ContainerId id) throws ViewUnavailable;

    /**
     * The samples that are kept, the latest first.
     *
     * @param from the first moment
     * @param to   the first moment that is left out
     */
    List<HealthSample> healthHistory(ContainerId id, Instant from, Instant to, int limit) throws ViewUnavailable;

    /** What a reference leads to. */
    sealed interface Lookup {
        record Found(ManagedContainer container) implements Lookup {}

        record NotFound() implements Lookup {}

        record Ambiguous() implements Lookup {}

        /** There is such a container, but it is not Dockworker's. */
        record NotManaged() implements Lookup {}
    }

    /** The records cannot be read at present. */
    final class ViewUnavailable extends Exception {
        private static final long serialVersionUID = 1L;

        public ViewUnavailable(String message, Throwable cause) {
            super(message, cause);
        }
    }
}
