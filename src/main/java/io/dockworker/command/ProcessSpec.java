package io.dockworker.command;

import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What runs in a container, and how it is stopped. What is empty is as the image or the engine has it.
 *
 * @param env  in the order given
 * @param init a small init as process 1
 */
public record ProcessSpec(Map<String, String> env, List<String> entrypoint, List<String> command, Optional<String> user,
        Optional<String> workingDir, Optional<Boolean> init, Optional<String> stopSignal,
        Optional<Duration> stopGracePeriod) {
    public static final ProcessSpec OF_IMAGE = new ProcessSpec(Map.of(), List.of(), List.of(), Optional.empty(),
            Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());

    public ProcessSpec {
        // The engine shows the environment in the order it was given.
        env = Collections.unmodifiableMap(new LinkedHashMap<>(env));
        entrypoint = List.copyOf(entrypoint);
        command = List.copyOf(command);
    }

    public static ProcessSpec of(List<String> command) {
        return OF_IMAGE.withCommand(command);
    }

    public ProcessSpec withCommand(List<String> other) {
        return new ProcessSpec(env, entrypoint, other, user, workingDir, init, stopSignal, stopGracePeriod);
    }

    public ProcessSpec withEntrypoint(List<String> other) {
        return new ProcessSpec(env, other, command, user, workingDir, init, stopSignal, stopGracePeriod);
    }

    public ProcessSpec withEnv(Map<String, String> other) {
        return new ProcessSpec(other, entrypoint, command, user, workingDir, init, stopSignal, stopGracePeriod);
    }
}
