package io.dockworker.command;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Something that happened to a container. At most one event exists for each container, type and engine time.
 *
 * @param at        the engine's own time of it: {@code Created}, {@code StartedAt}, {@code FinishedAt}
 * @param commandId set where the cause is a command
 */
public record ContainerEvent(String eventId, Type type, ContainerId containerId, String name, String image, HostId host,
        Map<String, List<ContainerSnapshot.Binding>> ports, Instant at, Cause cause, Optional<CommandId> commandId,
        OptionalInt exitCode, Map<String, String> attributes) {
    public ContainerEvent {
        // PostgreSQL keeps no more; what is read back later must equal what was published.
        at = at.truncatedTo(ChronoUnit.MICROS);
        attributes = attributes.entrySet().stream().collect(Collectors.toUnmodifiableMap(Map.Entry::getKey,
                attribute -> StorableText.of(attribute.getValue())));
    }

    /** What happened. Consumers tolerate types they do not know. */
    public enum Type {
        CREATE, START, STOP, REMOVE, RESTART, PAUSE, UNPAUSE, UPDATE, RENAME, KILL, DIE, OOM, HEALTH_STATUS, CRASH_LOOP, ADOPTED, VANISHED, PULL_PROGRESS;

        /** @throws InvalidValue if it is none of these words */
        public static Type parse(String word) {
            return Stream.of(values()).filter(type -> type.toString().equals(word)).findFirst()
                    .orElseThrow(() -> new InvalidValue("\"" + word + "\" is no type of an event; they are "
                            + Stream.of(values()).map(Type::toString).collect(Collectors.joining(", "))));
        }

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Who made it happen: a command, the container itself, or somebody using the engine directly. */
    public enum Cause {
        COMMAND, SELF, EXTERNAL;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
