package io.dockworker.command;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A container as the engine described it at one moment.
 *
 * @param image     as given when it was made: the {@code managed-by} label, else the engine's {@code Config.Image}
 * @param imageId   {@code sha256:…}
 * @param createdAt the engine's clock
 * @param ports     by container port ({@code 80/tcp}): where it is published now
 * @param networks  names of those it is attached to
 */
public record ContainerSnapshot(ContainerId id, String name, String image, String imageId, Instant createdAt,
        ContainerState state, Map<String, String> labels, Map<String, List<Binding>> ports, Set<String> networks,
        Limits limits) {
    /** One address and port of the host. */
    public record Binding(String hostIp, int hostPort) {}

    public ContainerSnapshot {
        // Whoever uses the engine directly may have put there what no database can hold.
        name = StorableText.of(name);
        image = StorableText.of(image);
        labels = labels.entrySet().stream().collect(Collectors.toUnmodifiableMap(
                label -> StorableText.of(label.getKey()), label -> StorableText.of(label.getValue()),
                (first, _) -> first));
        ports = Map.copyOf(ports);
        networks = Set.copyOf(networks);
    }

    public boolean isManaged() {
        return labels.containsKey(Labels.MANAGED_BY);
    }

    public ContainerStatus status() {
        return state.status();
    }

    public Optional<Instant> startedAt() {
        return state.startedAt();
    }

    public Optional<Instant> finishedAt() {
        return state.finishedAt();
    }

    /** Whether or not it may run at this moment. */
    public boolean hasProcess() {
        return status() == ContainerStatus.RUNNING || status() == ContainerStatus.PAUSED;
    }

    /** True also where its policy is about to restart it. */
    public boolean isUp() {
        return hasProcess() || status() == ContainerStatus.RESTARTING;
    }

    /** The same at another moment. */
    public ContainerSnapshot with(ContainerState other) {
        return new ContainerSnapshot(id, name, image, imageId, createdAt, other, labels, ports, networks, limits);
    }

    /** The same under another name. */
    public ContainerSnapshot withName(String other) {
        return new ContainerSnapshot(id, other, image, imageId, createdAt, state, labels, ports, networks, limits);
    }
}
