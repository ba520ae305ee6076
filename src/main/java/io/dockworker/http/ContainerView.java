package io.dockworker.http;

import io.dockworker.command.ContainerId;
import io.dockworker.command.HealthSample;
import io.dockworker.command.ImageName;
import io.dockworker.journal.ManagedContainer;
import java.util.List;
import java.util.Optional;

/** What is known of the fleet's containers. */
public interface ContainerView {
    /** Those made from the image, by its normal form; none is an empty list. */
    List<ManagedContainer> instances(ImageName image) throws ViewUnavailable;

    /** @param reference a name, a full id, or at least twelve digits of an id */
    Lookup find(String reference) throws ViewUnavailable;

    /** The latest sample; where there is none yet, one taken now; empty where none can be had. */
    Optional<HealthSample> latestHealth(ContainerId id) throws ViewUnavailable;

    /** What a reference leads to. */
    sealed interface Lookup {
        record Found(ManagedContainer container) implements Lookup {}

        record NotFound() implements Lookup {}

        record Ambiguous() implements Lookup {}
    }

    /** The records cannot be read at present. */
    final class ViewUnavailable extends Exception {
        private static final long serialVersionUID = 1L;

        public ViewUnavailable(String message, Throwable cause) {
            super(message, cause);
        }
    }
}
