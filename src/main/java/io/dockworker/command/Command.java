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
            case Restart _ -> CommandType.RESTART;
            case Pause _ -> CommandType.PAUSE;
            case Unpause _ -> CommandType.UNPAUSE;
            case Kill _ -> CommandType.KILL;
            case Remove _ -> CommandType.REMOVE;
            case Rename _ -> CommandType.RENAME;
            case Update _ -> CommandType.UPDATE;
            case Replace _ -> CommandType.REPLACE;
            case Pull _ -> CommandType.PULL;
            case Cancel _ -> CommandType.CANCEL;
        };
    }

    /** How long after acceptance it is given up. */
    default Duration deadline() {
        return header().deadline().orElseGet(() -> standardDeadline(type()));
    }

    /** The deadline of a command that names none. */
    static Duration standardDeadline(CommandType type) {
        return type == CommandType.PULL ? Duration.ofHours(1) : Duration.ofMinutes(10);
    }

    /**
     * The key of its record: the container's name where there is one, else the image; a cancellation's is the id that it
     * cancels. Order is kept within a key.
     */
    default String key() {
        return switch (this) {
            case Create create -> create.spec().name().map(ContainerName::value).orElse(create.spec().image().given());
            case Pull pull -> pull.image().given();
            case Cancel cancel -> cancel.command().value();
            case Aimed aimed -> switch (aimed.target()) {
                case Target.One one -> one.reference();
                case Target.AllOf all -> all.image().given();
            };
        };
    }

    /**
     * The name that the container is to have from now on; it is taken when the command is accepted.
     *
     * @param child which of several members, from 1; 0 for one alone
     */
    default Optional<ContainerName> newName(int child) {
        return switch (this) {
            case Create create -> Optional.of(create.memberName(child));
            case Rename rename -> Optional.of(rename.name());
            case Replace replace -> replace.change().name();
            case Start _,Stop _,Restart _,Pause _,Unpause _,Kill _,Remove _,Update _,Pull _,Cancel _ ->
                Optional.empty();
        };
    }

    /** A command for containers that exist. */
    sealed interface Aimed extends Command {
        Target target();
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
            if (count > 1 && spec.network().ports().stream().anyMatch(port -> port.hostPort() != 0)) {
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

    record Start(Header header, Target target) implements Aimed {}

    /**
     * @param gracePeriod how long the container may take before it is killed; empty: its own, Docker's 10 s by default
     * @param signal      empty: the container's own
     */
    record Stop(Header header, Target target, Optional<Duration> gracePeriod, Optional<String> signal)
            implements
                Aimed {}

    /** A stop as {@link Stop}, then a start; one that does not run is started. */
    record Restart(Header header, Target target, Optional<Duration> gracePeriod, Optional<String> signal)
            implements
                Aimed {}

    record Pause(Header header, Target target) implements Aimed {}

    record Unpause(Header header, Target target) implements Aimed {}

    /**
     * Sends a signal.
     *
     * @param idempotent it does no harm twice, so it may be sent again after a crash; else it is sent at most once
     */
    record Kill(Header header, Target.One target, String signal, boolean idempotent) implements Aimed {}

    /**
     * @param force   also when it runs
     * @param volumes its anonymous volumes too
     */
    record Remove(Header header, Target target, boolean force, boolean volumes) implements Aimed {}

    record Rename(Header header, Target.One target, ContainerName name) implements Aimed {}

    /** Changes limits of a container, which may run; what is empty stays. */
    record Update(Header header, Target.One target, Resources resources) implements Aimed {
        public Update {
            if (resources.equals(Resources.UNLIMITED)) {
                throw new InvalidValue("name at least one limit, as in {\"memory_limit\": \"256m\"}");
            }
            if (resources.shm().isPresent()) {
                throw new InvalidValue("shm_size cannot be changed while a container exists: replace it");
            }
        }
    }

    /**
     * Makes a new container in the place of another, which goes only when the new one is well.
     *
     * @param change what differs from the old one's specification
     * @param order  empty: as {@link #order} says
     */
    record Replace(Header header, Target.One target, SpecChange change, Optional<Order> order) implements Aimed {
        /** Which of the two runs while the change takes place. */
        public enum Order {
            START_FIRST("start-first"), STOP_FIRST("stop-first");

            private final String word;

            Order(String word) {
                this.word = word;
            }

            @Override
            public String toString() {
                return word;
            }
        }

        /** The wanted one is taken at its word; else both run for a while, unless they cannot or should not. */
        public Order order(ContainerSpec old, ContainerSpec changed) {
            return order.orElse(old.clashes(changed) ? Order.STOP_FIRST : Order.START_FIRST);
        }
    }

    /** Makes an image present, asking its registry. */
    record Pull(Header header, ImageName image, ImagePull pull) implements Command {}

    /** Takes back a command that has not begun; may come before it. */
    record Cancel(Header header, CommandId command) implements Command {}
}
