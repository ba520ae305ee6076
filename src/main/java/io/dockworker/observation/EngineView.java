package io.dockworker.observation;

import io.dockworker.command.ContainerId;
import io.dockworker.command.ContainerSnapshot;
import java.util.List;
import java.util.Optional;

/** The engine as observation needs it. */
public interface EngineView {
    /** All managed containers; empty if the engine is away. */
    Optional<List<ContainerSnapshot>> list();

    /** True only if the engine itself says that it has no such container: being unreachable is not being gone. */
    boolean isAbsent(ContainerId container);
}
