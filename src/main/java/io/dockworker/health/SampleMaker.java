package io.dockworker.health;

import io.dockworker.command.ContainerSnapshot;
import io.dockworker.command.ContainerState;
import io.dockworker.command.ContainerStatus;
import io.dockworker.command.CpuLimit;
import io.dockworker.command.HealthSample;
import io.dockworker.command.HealthSample.Status;
import io.dockworker.command.HostId;
import io.dockworker.health.StatsSource.HostCapacity;
import io.dockworker.health.StatsSource.Usage;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/** Makes a sample of what was read, without reading anything itself. */
record SampleMaker(HostId host, Duration interval, Judge judge) {
    /** @param levels to be given with the next readings of the same container */
    record Made(HealthSample sample, Judge.Levels levels) {}

    /** The CPU figure is the mean between the two readings, which lie apart in time. */
    Made running(ContainerSnapshot container, HostCapacity capacity, Usage before, Usage now,
            Judge.Levels levels, Instant at) {
        double cores = (double) (now.cpuNanos() - before.cpuNanos()) / (now.readAtNanos() - before.readAtNanos());
        OptionalDouble limitCores = container.limits().cpu().map(CpuLimit::cores).map(BigDecimal::doubleValue)
                .map(OptionalDouble::of).orElse(OptionalDouble.empty());
        OptionalLong limitBytes = memoryLimit(container);
        double cpu = rounded(100 * cores / limitCores.orElse(capacity.cores()), 2);
        long ofBytes = limitBytes.orElse(capacity.memoryBytes());
        double memory = ofBytes == 0 ? 0 : rounded(100.0 * now.memoryBytes() / ofBytes, 2);
        OptionalDouble disk = disk(capacity);
        // Docker Engine 20.10 says it only of a container that has ended, and goes on saying it when that runs again.
        boolean oomKilled = now.oomKills().isPresent() ? now.oomKills().getAsLong() > 0 : container.state().oomKilled();
        Judge.Verdict verdict = judge
                .judge(new Judge.Facts(cpu, memory, disk, oomKilled, container.state().health()), levels);
        return new Made(new HealthSample(container.id(), container.name(), container.image(), host, at, interval, cpu,
                memory, disk, verdict.status(), verdict.reasons(), rounded(cores, 4), limitCores, now.memoryBytes(),
                limitBytes, now.networkRxBytes(), now.networkTxBytes(), now.blockReadBytes(), now.blockWriteBytes(),
                now.pids(), container.state().restartCount(), container.state().health().toString()),
                verdict.levels());
    }

    /** A container without a process uses nothing. What was killed for lack of memory is no less so for having ended. */
    Made idle(ContainerSnapshot container, HostCapacity capacity, Instant at) {
        ContainerState state = container.state();
        List<String> reasons = new ArrayList<>();
        Status status = Status.STOPPED;
        if (state.status() == ContainerStatus.RESTARTING) {
            reasons.add("it ended with exit code " + state.exitCode() + " and waits to be restarted");
            status = Status.WARNING;
        }
        if (state.oomKilled()) {
            reasons.addFirst(Judge.OOM_KILLED);
            status = Status.CRITICAL;
        }
        OptionalDouble limitCores = container.limits().cpu().map(CpuLimit::cores).map(BigDecimal::doubleValue)
                .map(OptionalDouble::of).orElse(OptionalDouble.empty());
        return new Made(
                new HealthSample(container.id(), container.name(), container.image(), host, at, interval, 0, 0,
                        disk(capacity), status, reasons, 0, limitCores, 0, memoryLimit(container),
                        OptionalLong.empty(), OptionalLong.empty(), OptionalLong.empty(), OptionalLong.empty(),
                        OptionalLong.of(0), state.restartCount(), state.health().toString()),
                Judge.Levels.OK);
    }

    private static OptionalLong memoryLimit(ContainerSnapshot container) {
        return container.limits().memory().map(size -> OptionalLong.of(size.bytes())).orElse(OptionalLong.empty());
    }

    private static OptionalDouble disk(HostCapacity capacity) {
        return capacity.diskUsedPercent().map(percent -> OptionalDouble.of(rounded(percent, 2)))
                .orElse(OptionalDouble.empty());
    }

    private static double rounded(double value, int decimals) {
        return BigDecimal.valueOf(value).setScale(decimals, RoundingMode.HALF_UP).doubleValue();
    }
}
