package io.dockworker;

import io.dockworker.docker.ContainerLogs;
import io.dockworker.docker.EngineAway;
import io.dockworker.http.LogSource;
import io.dockworker.journal.ManagedContainer;
import java.util.concurrent.atomic.AtomicReference;

/** The logs of this worker's own engine, as the HTTP interface asks for them. */
record EngineLogs(ContainerLogs logs, AtomicReference<Sampling> sampling) implements LogSource {
    @Override
    public Opening open(ManagedContainer container, Wish wish) {
        Sampling running = sampling.get();
        if (running == null) {
            return new Opening.Away("This worker does not own its engine yet.");
        }
        if (!running.host().equals(container.host())) {
            return new Opening.OnHost(container.host());
        }
        try {
            return switch (logs.open(container.container().id(), wish.tail(), wish.since(), wish.timestamps(),
                    wish.follow())) {
                case ContainerLogs.Opening.Opened(var bytes) -> new Opening.Opened(bytes);
                case ContainerLogs.Opening.Absent() -> new Opening.Gone();
                case ContainerLogs.Opening.NotKept(String message) -> new Opening.NotKept(message);
            };
        } catch (EngineAway e) {
            return new Opening.Away(e.getMessage());
        }
    }
}
