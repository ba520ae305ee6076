package io.dockworker;

import io.dockworker.command.ContainerId;
import io.dockworker.command.ContainerSnapshot;
import io.dockworker.execution.ContainerEngine;
import io.dockworker.observation.EngineView;
import java.util.List;
import java.util.Optional;

/** The engine of execution, as observation sees it. */
record EngineOfObservation(ContainerEngine engine) implements EngineView {
    @Override
    public Optional<List<ContainerSnapshot>> list() {
        return switch (engine.list()) {
            case ContainerEngine.Listing.Containers(var containers) -> Optional.of(containers);
            case ContainerEngine.Listing.Away _ -> Optional.empty();
        };
    }

    @Override
    public boolean isAbsent(ContainerId container) {
        return engine.inspect(container.value()) instanceof ContainerEngine.Inspection.Absent;
    }
}
