package io.dockworker.command;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A container as the engine described it at one moment.
 *
 * @param image      as given when it was made: the {@code managed-by} label, else the engine's {@code Config.Image}
 * @param imageId    {@code sha256:…}
 * @param createdAt  the engine's clock
 * @param startedAt  of its latest start; empty if it never ran
 * @param finishedAt of its latest end; empty if it never ended
 * @param exitCode   of its latest end; meaningless before
 * @param error      what the engine said when it could not start it, else empty
 * @param ports      by container port ({@code 80/tcp}): where it is published now
 * @param cpuLimit   cores; empty: none
 * @param memoryLimit bytes; empty: none
 */
public record ContainerSnapshot(ContainerId id, String name, String image, String imageId, ContainerStatus status,
        Instant createdAt, Optional<Instant> startedAt, Optional<Instant> finishedAt, int exitCode, boolean oomKilled,
        String error, Map<String, String> labels, Map<String, List<Binding>> ports, Optional<CpuLimit> cpuLimit,
        Optional<MemorySize> memoryLimit) {
    /** One address and port of the host. */
    public record Binding(String hostIp, int hostPort) {}

    public ContainerSnapshot {
        // Whoever uses the engine directly may have put there what no database can hold.
        name = StorableText.of(name);
        image = StorableText.of(image);
        error = StorableText.of(error);
        labels = labels.entrySet().stream().collect(Collectors.toUnmodifiableMap(
                label -> StorableText.of(label.getKey()), label -> StorableText.of(label.getValue()),
                (first, _) -> first));
        ports = Map.copyOf(ports);
    }

    public boolean isManaged() {
        return labels.containsKey(Labels.MANAGED_BY);
    }

    /** True where the process is there, whether or not it may run at this moment. */
    public boolean isUp() {
        return status == ContainerStatus.RUNNING || status == ContainerStatus.PAUSED
                || status == ContainerStatus.RESTARTING;
    }
}
