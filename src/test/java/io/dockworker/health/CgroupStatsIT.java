package io.dockworker.health;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dockworker.command.ContainerId;
import io.dockworker.command.ContainerSnapshot;
import io.dockworker.command.ContainerStatus;
import io.dockworker.command.MemorySize;
import io.dockworker.health.StatsSource.Usage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** On the engine that the docker CLI reaches, which must run on this machine. */
class CgroupStatsIT {
    private static final String IMAGE = "dockworker-health-it:1";

    private final CgroupStats stats = CgroupStats.at(Path.of("/sys/fs/cgroup"), Path.of("/proc")).orElseThrow();
    private final List<String> started = new ArrayList<>();
    private final List<String> networks = new ArrayList<>();

    @BeforeAll
    static void makeAnImageOfTheMachinesOwnBusybox() throws Exception {
        run("sh", "-c", "tar -c -C / --dereference bin/busybox | docker import - " + IMAGE);
    }

    @AfterEach
    void removeContainersAndNetworks() throws Exception {
        for (String id : started) {
            run("docker", "rm", "-f", id);
        }
        for (String network : networks) {
            run("docker", "network", "rm", network);
        }
    }

    @AfterAll
    static void removeImage() throws Exception {
        run("docker", "rmi", IMAGE);
    }

    @Test
    void agreesWithTheEnginesOwnFigures() throws Exception {
        ContainerSnapshot busy = start(List.of("--network", "none", "--cpus", "0.5", "--memory", "64m"),
                "while :; do :; done");
        assertTrue(stats.usable(List.of(busy)));
        Usage before = read(busy);
        // The engine takes two readings of its own, a second apart, while this waits for it.
        String[] theirs = run("docker", "stats", "--no-stream", "--format", "{{.CPUPerc}} {{.MemUsage}} {{.PIDs}}",
                busy.id().value()).strip().split("[ %]+", -1);
        Usage after = read(busy);

        double cores = (double) (after.cpuNanos() - before.cpuNanos()) / (after.readAtNanos() - before.readAtNanos());
        assertTrue(cores > 0.1 && cores < 0.6, "limited to half a core, measured " + cores);
        assertEquals(Double.parseDouble(theirs[0]) / 100, cores, 0.15);
        assertEquals((double) MemorySize.parse(theirs[1]).bytes(), (double) after.memoryBytes(), 256 << 10);
        assertEquals(Long.parseLong(theirs[4]), after.pids().orElseThrow());
        assertTrue(after.blockReadBytes().isPresent());
    }

    @Test
    void networkIsCountedOnlyWhereTheContainerHasOne() throws Exception {
        networks.add(run("docker", "network", "create", IMAGE.replace(':', '-')).strip());
        Usage bridged = read(start(List.of("--network", networks.getFirst()), "/bin/busybox sleep 1000"));
        assertTrue(bridged.networkRxBytes().isPresent() && bridged.networkTxBytes().isPresent());
        assertFalse(read(start(List.of("--network", "host"), "/bin/busybox sleep 1000")).networkRxBytes().isPresent());
        assertFalse(read(start(List.of("--network", "none"), "/bin/busybox sleep 1000")).networkRxBytes().isPresent());
    }

    @Test
    void removedContainerIsLeftOut() throws Exception {
        ContainerSnapshot container = start(List.of("--network", "none"), "/bin/busybox sleep 1000");
        run("docker", "rm", "-f", started.removeLast());
        assertEquals(Map.of(), stats.read(List.of(container)));
    }

    private ContainerSnapshot start(List<String> options, String script) throws Exception {
        List<String> command = new ArrayList<>(List.of("docker", "create"));
        command.addAll(options);
        command.addAll(List.of(IMAGE, "/bin/busybox", "sh", "-c", script));
        String id = run(command.toArray(String[]::new)).strip();
        started.add(id);
        run("docker", "start", id);
        return Containers.with(new ContainerId(id), ContainerStatus.RUNNING, Containers.STARTED, false,
                Optional.empty(), Optional.empty());
    }

    private Usage read(ContainerSnapshot container) {
        Collection<Usage> readings = stats.read(List.of(container)).values();
        assertEquals(1, readings.size());
        return readings.iterator().next();
    }

    private static String run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), () -> String.join(" ", command) + ": " + output);
        return output;
    }
}
