package io.dockworker.command;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * How a command ended, for good.
 *
 * @param changed    false where the goal already held
 * @param containers those it was about, each with its own end
 */
public record Outcome(Status status, boolean changed, List<Member> containers, Optional<Failure> failure) {
    /** The terminal states of a command. */
    public enum Status {
        SUCCEEDED, FAILED, REJECTED, EXPIRED, CANCELLED, SUPERSEDED, UNKNOWN;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * One container and how the command ended for it.
     *
     * @param reference its name, or its id where no name is known
     * @param container as last seen; empty where there is none, as when it could not be made
     */
    public record Member(HostId host, String reference, Optional<ContainerSnapshot> container, Status status,
            Optional<Failure> failure) {
        public static Member seen(HostId host, ContainerSnapshot container, Status status, Optional<Failure> failure) {
            return new Member(host, container.name(), Optional.of(container), status, failure);
        }

        public static Member unseen(HostId host, String reference, Status status, Failure failure) {
            return new Member(host, reference, Optional.empty(), status, Optional.of(failure));
        }
    }

    public Outcome {
        containers = List.copyOf(containers);
    }

    public static Outcome succeeded(boolean changed, Member... containers) {
        return new Outcome(Status.SUCCEEDED, changed, List.of(containers), Optional.empty());
    }

    public static Outcome ended(Status status, Failure failure, Member... containers) {
        return new Outcome(status, false, List.of(containers), Optional.of(failure));
    }
}
