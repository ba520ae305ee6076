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

    /** One container and how the command ended for it. */
    public record Member(ContainerSnapshot container, Status status, Optional<Failure> failure) {}

    public Outcome {
        containers = List.copyOf(containers);
    }

    public static Outcome succeeded(boolean changed, ContainerSnapshot container) {
        return new Outcome(Status.SUCCEEDED, changed,
                List.of(new Member(container, Status.SUCCEEDED, Optional.empty())), Optional.empty());
    }

    public static Outcome ended(Status status, Failure failure) {
        return new Outcome(status, false, List.of(), Optional.of(failure));
    }

    public static Outcome ended(Status status, Failure failure, ContainerSnapshot container) {
        return new Outcome(status, false, List.of(new Member(container, status, Optional.of(failure))),
                Optional.of(failure));
    }
}
