package io.dockworker.observation;

import io.dockworker.command.ContainerId;
import io.dockworker.command.ContainerSnapshot;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The engine as observation needs it. */
public interface EngineView {
    /** All managed containers; empty if the engine is away. */
    Optional<List<ContainerSnapshot>> list();

    /**
     * Asks for some containers. One is empty only where the engine itself says that it has no such container: being
     * unreachable is not being gone.
     *
     * @return empty if the engine is away
     */
    Optional<Map<ContainerId, Optional<ContainerSnapshot>>> look(Collection<ContainerId> containers);
}
