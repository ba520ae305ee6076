package io.dockworker.execution;

import io.dockworker.command.ContainerId;
import io.dockworker.command.ContainerName;
import io.dockworker.command.ContainerSpec;
import io.dockworker.command.Resources;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** A request that changes something in the engine. Only {@link Create} names its container; all others use the id. */
public sealed interface EngineCall {
    /** For metrics and logs: the verb in lower case. */
    default String kind() {
        return getClass().getSimpleName().toLowerCase(Locale.ROOT);
    }

    /** @param labels all of them, those of the specification included */
    record Create(ContainerName name, ContainerSpec spec, Map<String, String> labels) implements EngineCall {}

    /** Attaches a container to one more network. */
    record Connect(ContainerId id, String network) implements EngineCall {}

    record Start(ContainerId id) implements EngineCall {}

    /** @param gracePeriod empty: the container's own */
    record Stop(ContainerId id, Optional<Duration> gracePeriod, Optional<String> signal) implements EngineCall {}

    record Pause(ContainerId id) implements EngineCall {}

    record Unpause(ContainerId id) implements EngineCall {}

    record Kill(ContainerId id, String signal) implements EngineCall {}

    record Rename(ContainerId id, ContainerName name) implements EngineCall {}

    /** @param limits what is empty stays as it is */
    record Update(ContainerId id, Resources limits) implements EngineCall {}

    record Remove(ContainerId id, boolean force, boolean volumes) implements EngineCall {}
}
