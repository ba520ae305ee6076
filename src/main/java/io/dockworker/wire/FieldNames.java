package io.dockworker.wire;

import io.dockworker.command.CommandType;
import io.dockworker.command.ErrorCode;
import io.dockworker.command.SpecField;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Every name that a command may contain, which of them this version executes, and the guess at what a typo meant. */
final class FieldNames {
    static final Set<String> RESOURCES = Set.of("cpu_limit", "memory_limit", "memory_reservation", "pids_limit",
            "shm_size");
    static final Set<String> BINDING = Set.of("host_ip", "host_port");

    private static final Set<String> COMMON = Set.of("id", "type", "host", "source", "correlation_id", "traceparent",
            "expires_at", "deadline_seconds");
    private static final Set<String> SPEC = Stream.of(SpecField.values()).map(SpecField::toString)
            .collect(Collectors.toUnmodifiableSet());
    /** Known, and executed once there is a fleet. */
    private static final Set<String> LATER_IN_CREATE = Set.of("constraints");
    private static final Set<String> LATER_TYPES = Set.of("scale");
    static final Set<String> RESTART_POLICY = Set.of("name", "maximum_retry_count");
    static final Set<String> HEALTHCHECK = Set.of("test", "interval", "timeout", "retries", "start_period");
    static final Set<String> VOLUME = Set.of("type", "source", "target", "read_only");
    static final Set<String> ULIMIT = Set.of("soft", "hard");

    /** What people write who come from other tools. */
    private static final Map<String, String> ALIASES = Map.of("environment", "env", "cmd", "command", "args", "command",
            "cpus", "cpu_limit", "memory", "memory_limit", "mem_limit", "memory_limit", "container", "target",
            "container_id", "target", "timeout", "stop_grace_period", "replicas", "count");

    private FieldNames() {}

    /** The fields that a verb has beside the common ones. */
    private static Set<String> own(CommandType type) {
        return switch (type) {
            case CREATE -> with(SPEC, "count", "start");
            case START, PAUSE, UNPAUSE -> Set.of("target", "image");
            case STOP, RESTART -> Set.of("target", "image", "stop_grace_period", "signal");
            case KILL -> Set.of("target", "signal", "idempotent");
            case REMOVE -> Set.of("target", "image", "force", "volumes");
            case RENAME -> Set.of("target", "name");
            case UPDATE -> Set.of("target", "resources");
            case REPLACE -> with(SPEC, "target", "order");
            case PULL -> Set.of("image", "platform", "registry_auth_ref");
            case CANCEL -> Set.of("command_id");
        };
    }

    private static Set<String> with(Set<String> names, String... more) {
        return Stream.concat(names.stream(), Stream.of(more)).collect(Collectors.toUnmodifiableSet());
    }

    /** The verb, or the fault: unknown, or not yet executed. */
    static CommandType type(String word) {
        return CommandType.parse(word).orElseThrow(() -> {
            if (LATER_TYPES.contains(word)) {
                return new InvalidField("/type", ErrorCode.UNSUPPORTED,
                        "this version of Dockworker does not execute `" + word + "` yet");
            }
            Stream<String> types = Stream.concat(Stream.of(CommandType.values()).map(CommandType::toString),
                    LATER_TYPES.stream());
            return new InvalidField("/type",
                    "unknown type `" + Text.shown(word, 64) + "`" + guess(word, types));
        });
    }

    /** Refuses a command with a field that is unknown, or known and not executed yet. */
    static void check(CommandType type, Fields command) {
        Set<String> own = own(type);
        Set<String> later = type == CommandType.CREATE || type == CommandType.REPLACE
                ? LATER_IN_CREATE
                : Set.of();
        for (String name : command.names()) {
            if (!COMMON.contains(name) && !own.contains(name) && !later.contains(name)) {
                throw new InvalidField(command.at(name), unknown(type, name, own, later));
            }
        }
        for (String name : command.names()) {
            if (later.contains(name)) {
                throw new InvalidField(command.at(name), ErrorCode.UNSUPPORTED,
                        "this version of Dockworker does not execute `" + name + "` yet");
            }
        }
    }

    /** Refuses an object with a name that is not among those known. */
    static void check(Set<String> known, Fields object) {
        for (String name : object.names()) {
            if (!known.contains(name)) {
                throw new InvalidField(object.at(name),
                        "unknown field `" + Text.shown(name, 64) + "`" + guess(name, known.stream()));
            }
        }
    }

    private static String unknown(CommandType type, String name, Set<String> own, Set<String> later) {
        if (Stream.of(CommandType.values()).anyMatch(other -> own(other).contains(name))
                || LATER_IN_CREATE.contains(name)) {
            return "`" + type + "` has no field `" + name + "`";
        }
        if (RESOURCES.contains(name)) {
            return own.contains("resources")
                    ? "`" + name + "` stands in `resources`: {\"resources\": {\"" + name + "\": …}}"
                    : "`" + type + "` has no field `" + name + "`";
        }
        Stream<String> near = Stream.of(own, COMMON, later).flatMap(Set::stream);
        return "unknown field `" + Text.shown(name, 64) + "`" + guess(name,
                own.contains("resources") ? Stream.concat(near, RESOURCES.stream()) : near);
    }

    static String guess(String written, Stream<String> known) {
        if (written.length() > 40) {
            return "";
        }
        String word = written.replaceAll("([a-z])([A-Z])", "$1_$2").replace('-', '_').toLowerCase(Locale.ROOT);
        List<String> candidates = known.sorted().toList();
        Optional<String> alias = Optional.ofNullable(ALIASES.get(word)).filter(candidates::contains);
        int bound = Math.max(1, Math.min(3, word.length() / 3));
        String best = alias.orElse(null);
        int least = alias.isPresent() ? 0 : bound + 1;
        for (String candidate : candidates) {
            int distance = distance(word, candidate);
            if (distance < least) {
                least = distance;
                best = candidate;
            }
        }
        return best == null ? "" : "; did you mean `" + best + "`?";
    }

    /** Insertions, deletions, substitutions and swaps of neighbours that make one word the other. */
    static int distance(String a, String b) {
        int[][] cost = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                if (i == 0 || j == 0) {
                    cost[i][j] = i + j;
                    continue;
                }
                int same = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
                int least = Math.min(cost[i - 1][j - 1] + same, 1 + Math.min(cost[i - 1][j], cost[i][j - 1]));
                if (i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1)) {
                    least = Math.min(least, cost[i - 2][j - 2] + 1);
                }
                cost[i][j] = least;
            }
        }
        return cost[a.length()][b.length()];
    }
}
