package io.dockworker.execution;

import io.dockworker.command.ContainerSpec;
import io.dockworker.command.ErrorCode;
import io.dockworker.command.Failure;
import io.dockworker.command.PortMapping;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Sorts what the engine says in words alone. It has no codes for these, so this is the one place that reads its prose; a
 * text that is not recognised is an {@code ENGINE_ERROR} and loses nothing but its label.
 */
final class Complaints {
    private static final List<Refusal> REFUSALS = List.of(
            new Refusal("range of cpus", "/resources/cpu_limit", "ask for no more than this host has"),
            new Refusal("invalid capadd", "/cap_add", "leave out what this host's engine does not know"),
            new Refusal("invalid capdrop", "/cap_drop", "leave out what this host's engine does not know"),
            new Refusal("looking up logging plugin", "/log_driver",
                    "name another, or give this host the plugin (docker plugin install, docker plugin enable)"));

    /**
     * What the engine will not take.
     *
     * @param words what it says then, in lower case
     */
    private record Refusal(String words, String field, String mend) {}

    private static final Pattern LOST_TASK = Pattern.compile("task [0-9a-f]{4,}:? already exists|\\bid already in use");

    private Complaints() {}

    /** What the engine will not do, and says so at once. */
    static Failure refusal(String complaint) {
        String words = complaint.toLowerCase(Locale.ROOT);
        return REFUSALS.stream().filter(refusal -> words.contains(refusal.words()))
                .map(refusal -> Failure.at(refusal.field(), ErrorCode.INVALID_COMMAND,
                        complaint + "; " + refusal.mend()))
                .findFirst().orElseGet(() -> {
                    Failure known = failure(complaint);
                    return known.code() == ErrorCode.ENGINE_ERROR
                            ? Failure.of(ErrorCode.INVALID_COMMAND, complaint)
                            : known;
                });
    }

    static Failure failure(String complaint) {
        String words = complaint.toLowerCase(Locale.ROOT);
        if (words.contains("port is already allocated") || words.contains("address already in use")) {
            return Failure.retryable(ErrorCode.PORT_IN_USE, complaint);
        }
        if (words.contains("no space left on device")) {
            return Failure.retryable(ErrorCode.DISK_FULL, complaint);
        }
        if (LOST_TASK.matcher(words).find()) {
            // An engine that was killed while it started a container knows nothing of what it began, and never will.
            return Failure.of(ErrorCode.OUTCOME_UNKNOWN, "the engine lost track of the container while it started it, "
                    + "and cannot start it any more (" + complaint
                    + "); look at what it was to do, then remove it and create it anew");
        }
        return Failure.of(ErrorCode.ENGINE_ERROR, complaint);
    }

    /** Of a container that is made like this, and so says which of its ports is in use. */
    static Failure failure(String complaint, ContainerSpec spec) {
        Failure known = failure(complaint);
        return known.code() == ErrorCode.PORT_IN_USE
                ? new Failure(known.code(), known.message(), Optional.of(port(complaint, spec)), known.retryable())
                : known;
    }

    /** As in {@code Bind for 0.0.0.0:8080 failed} and {@code listen tcp4 0.0.0.0:8080: bind}. */
    private static String port(String complaint, ContainerSpec spec) {
        List<PortMapping> named = spec.network().ports().stream()
                .filter(port -> Pattern.compile(":" + port.hostPort() + "(?!\\d)").matcher(complaint).find()).toList();
        return named.size() == 1 ? "/ports/" + named.getFirst().key().replace("/", "~1") : "/ports";
    }
}
