package io.dockworker.docker;

import com.github.dockerjava.api.command.HealthState;
import com.github.dockerjava.api.command.InspectContainerResponse;
import com.github.dockerjava.api.model.ContainerConfig;
import com.github.dockerjava.api.model.ContainerNetwork;
import com.github.dockerjava.api.model.HealthCheck;
import com.github.dockerjava.api.model.HostConfig;
import com.github.dockerjava.api.model.Ports;
import io.dockworker.command.ContainerId;
import io.dockworker.command.ContainerSnapshot;
import io.dockworker.command.ContainerSnapshot.Binding;
import io.dockworker.command.ContainerState;
import io.dockworker.command.ContainerStatus;
import io.dockworker.command.CpuLimit;
import io.dockworker.command.Labels;
import io.dockworker.command.Limits;
import io.dockworker.command.MemorySize;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Reads an inspection into the vocabulary. */
final class Snapshots {
    /** Where Go's zero time stands for "never". Engines set to a zone of their own write it with an offset. */
    private static final Instant NEVER = Instant.parse("0001-01-02T00:00:00Z");
    /** The kernel's quota is whole microseconds of a period of 100 ms: the engine accepts finer and cuts it off. */
    private static final long CPU_QUANTUM_NANOS = 10_000;
    /** The engine's, where a HEALTHCHECK does not say how many. */
    private static final int DEFAULT_RETRIES = 3;

    private Snapshots() {}

    static ContainerSnapshot of(InspectContainerResponse seen) {
        Map<String, String> labels = Objects.requireNonNullElse(seen.getConfig().getLabels(), Map.of());
        String image = labels.getOrDefault(Labels.MANAGED_BY, seen.getConfig().getImage());
        return new ContainerSnapshot(new ContainerId(seen.getId()), seen.getName().replaceFirst("^/", ""), image,
                seen.getImageId(), Instant.parse(seen.getCreated()), state(seen), labels,
                ports(seen.getNetworkSettings().getPorts()),
                networks(seen),
                limits(seen.getHostConfig()));
    }

    private static Set<String> networks(InspectContainerResponse seen) {
        Map<String, ContainerNetwork> networks = seen.getNetworkSettings().getNetworks();
        return networks == null ? Set.of() : networks.keySet();
    }

    private static ContainerState state(InspectContainerResponse seen) {
        InspectContainerResponse.ContainerState state = seen.getState();
        return new ContainerState(ContainerStatus.parse(state.getStatus()), time(state.getStartedAt()),
                time(state.getFinishedAt()), Math.toIntExact(Objects.requireNonNullElse(state.getExitCodeLong(), 0L)),
                Boolean.TRUE.equals(state.getOOMKilled()), Objects.requireNonNullElse(state.getError(), ""),
                Objects.requireNonNullElse(seen.getRestartCount(), 0),
                state.getHealth() == null ? ContainerState.Health.NONE : health(state.getHealth(), seen.getConfig()));
    }

    /**
     * The engine says unhealthy also where it has only stopped asking, since the container is paused or has ended, and
     * goes on saying so until the next answer. A check fails when it failed so many times in a row.
     */
    private static ContainerState.Health health(HealthState seen, ContainerConfig config) {
        ContainerState.Health health = Stream.of(ContainerState.Health.values())
                .filter(one -> one.toString().equals(seen.getStatus())).findFirst().orElse(ContainerState.Health.NONE);
        int retries = Optional.ofNullable(config.getHealthcheck()).map(HealthCheck::getRetries)
                .filter(some -> some > 0).orElse(DEFAULT_RETRIES);
        boolean fails = seen.getFailingStreak() == null || seen.getFailingStreak() >= retries;
        return health == ContainerState.Health.UNHEALTHY && !fails ? ContainerState.Health.STARTING : health;
    }

    private static Limits limits(HostConfig config) {
        return new Limits(cpuLimit(config.getNanoCPUs()), positive(config.getMemory()).map(MemorySize::new),
                positive(config.getMemoryReservation()).map(MemorySize::new),
                positive(config.getPidsLimit()).map(OptionalLong::of).orElse(OptionalLong.empty()));
    }

    private static Optional<Instant> time(String text) {
        return Optional.ofNullable(text).filter(some -> !some.isEmpty()).map(Instant::parse)
                .filter(time -> time.isAfter(NEVER));
    }

    /** What is exposed but not published is left out. */
    private static Map<String, List<Binding>> ports(Ports ports) {
        var published = new TreeMap<String, List<Binding>>();
        if (ports != null) {
            ports.getBindings().forEach((port, bindings) -> {
                if (bindings != null && bindings.length > 0) {
                    published.put(port.toString(), Stream.of(bindings).map(Snapshots::binding).toList());
                }
            });
        }
        return published;
    }

    private static Binding binding(Ports.Binding binding) {
        return new Binding(Objects.requireNonNullElse(binding.getHostIp(), ""),
                Integer.parseInt(binding.getHostPortSpec()));
    }

    private static Optional<CpuLimit> cpuLimit(Long nanos) {
        return positive(nanos).map(some -> new CpuLimit(some - some % CPU_QUANTUM_NANOS));
    }

    private static Optional<Long> positive(Long number) {
        return Optional.ofNullable(number).filter(some -> some > 0);
    }
}
