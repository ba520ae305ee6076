package io.dockworker.observation;

import io.dockworker.command.ContainerId;
import io.dockworker.command.ContainerSnapshot;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The engine as observation needs it. */
public interface EngineView {
    /** All managed containers; empty if the engine is away. */
    Optional<Set<ContainerId>> list();

    /**
     * Asks for some containers. One is empty only where the engine itself says that it has no such container: being
     * unreachable is not being gone.
     *
     * @return those that the engine gave an answer for: none, if it is away
     */
    Map<ContainerId, Optional<ContainerSnapshot>> look(Collection<ContainerId> containers);
}
