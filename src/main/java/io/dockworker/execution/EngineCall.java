package io.dockworker.execution;

import io.dockworker.command.ContainerId;
import io.dockworker.command.ContainerName;
import io.dockworker.command.ContainerSpec;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/** A request that changes something in the engine. Only {@link Create} names its container; all others use the id. */
public sealed interface EngineCall {
    /** For metrics and logs: the verb in lower case. */
    default String kind() {
        return switch (this) {
            case Create _ -> "create";
            case Start _ -> "start";
            case Stop _ -> "stop";
            case Remove _ -> "remove";
        };
    }

    /** @param labels all of them, those of the specification included */
    record Create(ContainerName name, ContainerSpec spec, Map<String, String> labels) implements EngineCall {}

    record Start(ContainerId id) implements EngineCall {}

    /** @param gracePeriod empty: the container's own */
    record Stop(ContainerId id, Optional<Duration> gracePeriod, Optional<String> signal) implements EngineCall {}

    record Remove(ContainerId id, boolean force, boolean volumes) implements EngineCall {}
}
