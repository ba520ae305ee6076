package io.dockworker.health;

import io.dockworker.command.ContainerId;
import io.dockworker.command.ContainerSnapshot;
import io.dockworker.command.ContainerStatus;
import io.dockworker.health.StatsSource.Usage;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Reads one container from inside another, where no library is at hand, and writes what it found as JSON. */
final class ContainedReader {
    private ContainedReader() {}

    /** Takes where control groups and processes are mounted, and the container's id. */
    public static void main(String[] arguments) {
        CgroupStats stats = CgroupStats.at(Path.of(arguments[0]), Path.of(arguments[1])).orElseThrow();
        stats.read(List.of(snapshot(arguments[2]))).values().forEach(usage -> System.out.println(figures(usage)
                .entrySet().stream().map(figure -> '"' + figure.getKey() + "\":" + figure.getValue())
                .collect(Collectors.joining(",", "{", "}"))));
    }

    static ContainerSnapshot snapshot(String id) {
        return Containers.with(new ContainerId(id), ContainerStatus.RUNNING, Containers.STARTED, false,
                Optional.empty(), Optional.empty());
    }

    static Map<String, Double> figures(Usage usage) {
        return Map.of("cpu", (double) usage.cpuNanos(), "memory", (double) usage.memoryBytes(), "rx",
                (double) usage.networkRxBytes().orElseThrow(), "tx", (double) usage.networkTxBytes().orElseThrow(),
                "read", (double) usage.blockReadBytes().orElseThrow(), "written",
                (double) usage.blockWriteBytes().orElseThrow(), "pids", (double) usage.pids().orElseThrow());
    }
}
