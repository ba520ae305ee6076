package io.dockworker;

import io.dockworker.command.ContainerId;
import io.dockworker.command.ContainerSnapshot;
import io.dockworker.execution.ContainerEngine;
import io.dockworker.execution.ContainerEngine.Inspection;
import io.dockworker.observation.EngineView;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** The engine of execution, as observation sees it. */
record EngineOfObservation(ContainerEngine engine) implements EngineView {
    private static final int AT_A_TIME = 16;

    @Override
    public Optional<List<ContainerSnapshot>> list() {
        return switch (engine.list()) {
            case ContainerEngine.Listing.Containers(var containers) -> Optional.of(containers);
            case ContainerEngine.Listing.Away _ -> Optional.empty();
        };
    }

    @Override
    public Optional<Map<ContainerId, Optional<ContainerSnapshot>>> look(Collection<ContainerId> containers) {
        Map<ContainerId, Optional<ContainerSnapshot>> seen = new LinkedHashMap<>();
        ExecutorService threads = Executors.newFixedThreadPool(AT_A_TIME, Thread.ofVirtual().factory());
        try {
            Map<ContainerId, Future<Inspection>> answers = new LinkedHashMap<>();
            containers.forEach(id -> answers.put(id, threads.submit(() -> engine.inspect(id.value()))));
            for (Map.Entry<ContainerId, Future<Inspection>> answer : answers.entrySet()) {
                switch (answer.getValue().get()) {
                    case Inspection.Seen(var container) -> seen.put(answer.getKey(), Optional.of(container));
                    case Inspection.Absent _ -> seen.put(answer.getKey(), Optional.empty());
                    case Inspection.Away _ -> {
                        return Optional.empty();
                    }
                }
            }
            return Optional.of(seen);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        } catch (ExecutionException e) {
            throw new IllegalStateException("cannot read what the engine said: " + e.getCause(), e);
        } finally {
            threads.shutdownNow();
        }
    }
}
