package io.dockworker.command;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HexFormat;
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

    /** How long after acceptance it is given up. */
    default Duration deadline() {
        return header().deadline().orElse(Duration.ofMinutes(10));
    }

    /** The key of its record: the container's name where there is one, else the image. Order is kept within a key. */
    default String key() {
        if (this instanceof Create create) {
            return create.spec().name().map(ContainerName::value).orElse(create.spec().image().given());
        }
        return switch (aim().orElseThrow()) {
            case Target.One one -> one.reference();
            case Target.AllOf all -> all.image().given();
        };
    }

    /** What it is about; empty for a create. */
    default Optional<Target> aim() {
        return switch (this) {
            case Create _ -> Optional.empty();
            case Start start -> Optional.of(start.target());
            case Stop stop -> Optional.of(stop.target());
            case Remove remove -> Optional.of(remove.target());
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

        /**
         * The name of one of its containers. Without a name of its own it is made from the image and the id: the same
         * at every redelivery, and free of characters that Docker refuses.
         *
         * @param member 0 for the only one, else from 1
         */
        public ContainerName memberName(int member) {
            String name = spec.name().map(ContainerName::value).orElseGet(this::madeName);
            return new ContainerName(member == 0 ? name : name + "-" + member);
        }

        private String madeName() {
            String digest = HexFormat.of().formatHex(Digests.sha256(id().value().getBytes(StandardCharsets.UTF_8)));
            String stem = spec.image().stem();
            return stem.substring(0, Math.min(stem.length(), 60)) + "-" + digest.substring(0, 12);
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
