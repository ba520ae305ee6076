package io.dockworker.command;

import java.time.Duration;
import java.util.Optional;

/** One thing to be done to containers, exactly once. */
public sealed interface Command {
    Header header();

    default CommandId id() {
        return header().id();
    }

    default CommandType type() {
        return switch (this) {
            case Create _ -> CommandType.CREATE;
            case Start _ -> CommandType.START;
            case Stop _ -> CommandType.STOP;
            case Remove _ -> CommandType.REMOVE;
        };
    }

    /**
     * Creates {@code count} containers, and starts them unless {@code start} is false.
     */
    record Create(Header header, ContainerSpec spec, int count, boolean start) implements Command {
        public static final int MAX_COUNT = 1_000;

        public Create {
            if (count < 1 || count > MAX_COUNT) {
                throw new InvalidValue("count lies between 1 and " + MAX_COUNT);
            }
            if (count > 1 && spec.ports().stream().anyMatch(port -> port.hostPort() != 0)) {
                throw new InvalidValue(
                        "a fixed host port can serve one container only: use port 0 with a count above 1");
            }
        }
    }

    record Start(Header header, Target target) implements Command {}

    /**
     * @param gracePeriod how long the container may take before it is killed; empty: its own, Docker's 10 s by default
     * @param signal      empty: the container's own
     */
    record Stop(Header header, Target target, Optional<Duration> gracePeriod, Optional<String> signal)
            implements
                Command {}

    /**
     * @param force   also when it runs
     * @param volumes its anonymous volumes too
     */
    record Remove(Header header, Target target, boolean force, boolean volumes) implements Command {}
}
