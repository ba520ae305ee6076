package io.dockworker.health;

import io.dockworker.command.ContainerId;
import io.dockworker.command.ContainerSnapshot;
import io.dockworker.command.ContainerState;
import io.dockworker.command.ContainerStatus;
import io.dockworker.command.CpuLimit;
import io.dockworker.command.Labels;
import io.dockworker.command.Limits;
import io.dockworker.command.MemorySize;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/** Containers for tests of this package. */
final class Containers {
    static final Instant STARTED = Instant.parse("2026-03-01T11:59:00Z");

    private Containers() {}

    static ContainerId id(int number) {
        return new ContainerId("%064x".formatted(number));
    }

    static ContainerSnapshot running(int number) {
        return with(id(number), ContainerStatus.RUNNING, STARTED, false, Optional.empty(), Optional.empty());
    }

    static ContainerSnapshot running(int number, String cpu, String memory) {
        return with(id(number), ContainerStatus.RUNNING, STARTED, false, Optional.of(CpuLimit.parse(cpu)),
                Optional.of(MemorySize.parse(memory)));
    }

    static ContainerSnapshot with(ContainerId id, ContainerStatus status, Instant startedAt, boolean oomKilled,
            Optional<CpuLimit> cpu, Optional<MemorySize> memory) {
        return new ContainerSnapshot(id, "web-" + id.value().substring(60), "nginx:alpine", "sha256:0", STARTED,
                new ContainerState(status, Optional.of(startedAt), Optional.empty(), 0, oomKilled, "", 0,
                        ContainerState.Health.NONE),
                Map.of(Labels.MANAGED_BY, "nginx:alpine"), Map.of(), Set.of(),
                new Limits(cpu, memory, Optional.empty(), OptionalLong.empty()));
    }
}
