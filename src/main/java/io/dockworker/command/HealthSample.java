package io.dockworker.command;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * How one container was at one moment, as the health topic and the HTTP interface show it.
 *
 * @param cpuPercent       of the CPU limit, without one of the host's cores; may exceed 100 for a moment
 * @param memoryPercent    working set, of the memory limit, without one of the host's memory
 * @param diskPercent      used of the filesystem that holds Docker's data; empty for a remote engine
 * @param reasons          why the status is not {@code healthy}
 * @param memoryLimitBytes empty: none
 * @param dockerHealth     {@code none}, {@code starting}, {@code healthy}, {@code unhealthy}
 */
public record HealthSample(ContainerId containerId, String name, String image, HostId host, Instant sampledAt,
        Duration interval, double cpuPercent, double memoryPercent, OptionalDouble diskPercent, Status status,
        List<String> reasons, double cpuCores, OptionalDouble cpuLimitCores, long memoryBytes,
        OptionalLong memoryLimitBytes, OptionalLong networkRxBytes, OptionalLong networkTxBytes,
        OptionalLong blockReadBytes, OptionalLong blockWriteBytes, OptionalLong pids, int restartCount,
        String dockerHealth) {
    /** The verdict on a container. */
    public enum Status {
        HEALTHY, WARNING, CRITICAL, STOPPED;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public HealthSample {
        reasons = List.copyOf(reasons);
    }
}
