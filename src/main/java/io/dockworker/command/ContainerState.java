package io.dockworker.command;

import java.time.Instant;
import java.util.Locale;
import java.util.Optional;

/**
 * How a container was at one moment. All times are the engine's.
 *
 * @param startedAt    of its latest start; empty if it never ran
 * @param finishedAt   of its latest end; empty if it never ended
 * @param exitCode     of its latest end; meaningless before, and while it runs again
 * @param oomKilled    a process of it was killed for lack of memory since its latest start
 * @param error        what the engine said when it could not start it, else empty
 * @param restartCount how often the engine has restarted it by its policy
 */
public record ContainerState(ContainerStatus status, Optional<Instant> startedAt, Optional<Instant> finishedAt,
        int exitCode, boolean oomKilled, String error, int restartCount, Health health) {
    /** What its HEALTHCHECK says. */
    public enum Health {
        /** It has none. */
        NONE, STARTING, HEALTHY, UNHEALTHY;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public ContainerState {
        error = StorableText.of(error);
    }

    /** Never started. */
    public static ContainerState created() {
        return of(ContainerStatus.CREATED, Optional.empty(), Optional.empty(), 0);
    }

    public static ContainerState running(Instant startedAt) {
        return of(ContainerStatus.RUNNING, Optional.of(startedAt), Optional.empty(), 0);
    }

    /** Without an error, restarts or a HEALTHCHECK. */
    public static ContainerState of(ContainerStatus status, Optional<Instant> startedAt, Optional<Instant> finishedAt,
            int exitCode) {
        return new ContainerState(status, startedAt, finishedAt, exitCode, false, "", 0, Health.NONE);
    }

    /** The same in another of Docker's states. */
    public ContainerState with(ContainerStatus other) {
        return new ContainerState(other, startedAt, finishedAt, exitCode, oomKilled, error, restartCount, health);
    }

    /** The same with another word of its HEALTHCHECK. */
    public ContainerState with(Health other) {
        return new ContainerState(status, startedAt, finishedAt, exitCode, oomKilled, error, restartCount, other);
    }
}
