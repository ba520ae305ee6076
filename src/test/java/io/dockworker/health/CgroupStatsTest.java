package io.dockworker.health;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dockworker.command.ContainerSnapshot;
import io.dockworker.health.StatsSource.Usage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Trees as the kernel shows them, for a container with process 77 that read 4096 and wrote 512 bytes. */
class CgroupStatsTest {
    private static final ContainerSnapshot CONTAINER = Containers.running(1);
    private static final ContainerSnapshot GONE = Containers.running(2);
    private static final String CGROUPFS = "docker/" + CONTAINER.id();
    private static final String SYSTEMD = "system.slice/docker-" + CONTAINER.id() + ".scope";

    @TempDir
    Path root;

    private Path cgroups;
    private Path proc;

    @BeforeEach
    void theHostHasANetwork() throws IOException {
        cgroups = Files.createDirectory(root.resolve("cgroup"));
        proc = Files.createDirectory(root.resolve("proc"));
        namespace("1", "net:[1]");
        namespace("77", "net:[2]");
        write(proc, "77/net/dev", """
                Inter-|   Receive                                                |  Transmit
                 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls
                    lo:    9999      10    0    0    0     0          0         0     9999      10    0    0    0     0
                  eth0:     400       5    0    0    0     0          0         0      100       1    0    0    0     0
                  eth1:86       1    0    0    0     0          0         0        7       1    0    0    0     0
                """);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void readsEveryCounterOfVersion1(boolean systemd) throws IOException {
        version1(systemd ? SYSTEMD : CGROUPFS);
        assertEquals(expected(), onlyReading());
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void readsEveryCounterOfVersion2(boolean systemd) throws IOException {
        version2(systemd ? SYSTEMD : CGROUPFS);
        assertEquals(expected(), onlyReading());
    }

    @Test
    void findsControllersThatAreMountedTogether() throws IOException {
        version1(SYSTEMD);
        Files.move(cgroups.resolve("cpuacct"), cgroups.resolve("cpu,cpuacct"));
        assertEquals(expected(), onlyReading());
    }

    @Test
    void hostsTrafficIsNotTheContainers() throws IOException {
        version1(CGROUPFS);
        Files.delete(proc.resolve("77/ns/net"));
        namespace("77", "net:[1]");
        assertEquals(OptionalLong.empty(), onlyReading().networkRxBytes());
    }

    @Test
    void processOfAnotherNamespaceCostsOnlyTheNetworkCounters() throws IOException {
        version2(CGROUPFS);
        write(cgroups, CGROUPFS + "/cgroup.procs", "0\n");
        Usage usage = onlyReading();
        assertEquals(OptionalLong.empty(), usage.networkTxBytes());
        assertEquals(3_000_000, usage.memoryBytes());
    }

    @Test
    void processOfAnotherNamespaceIsFoundByWhatTheMountedProcSaysOfIt() throws IOException {
        version2(SYSTEMD);
        write(cgroups, SYSTEMD + "/cgroup.procs", "0\n");
        write(proc, "5/cgroup", "0::/init.scope\n");
        write(proc, "77/cgroup", "0::/../../" + SYSTEMD + "\n");
        assertEquals(expected(), onlyReading());
    }

    @Test
    void workingSetIsNeverNegative() throws IOException {
        version2(CGROUPFS);
        write(cgroups, CGROUPFS + "/memory.current", "999999\n");
        assertEquals(0, onlyReading().memoryBytes());
    }

    @Test
    void oneThatIsGoneIsLeftOutAndAnotherSourceIsNotBothered() throws IOException {
        version1(CGROUPFS);
        StatsSource stats = stats().orElse(_ -> {
            throw new AssertionError("asked");
        });
        assertEquals(List.of(CONTAINER.id()), List.copyOf(stats.read(List.of(GONE, CONTAINER)).keySet()));
        assertTrue(stats.read(List.of()).isEmpty());
    }

    @Test
    void whereNothingCanBeReadTheOtherSourceAnswers() throws IOException {
        version1("somewhere/else");
        assertFalse(stats().usable(List.of(CONTAINER)));
        Map<?, ?> readings = stats().orElse(_ -> Map.of(CONTAINER.id(), expected())).read(List.of(CONTAINER));
        assertEquals(Map.of(CONTAINER.id(), expected()), readings);
    }

    @Test
    void aDirectoryWithoutControlGroupsIsNoSource() {
        assertTrue(CgroupStats.at(cgroups, proc).isEmpty());
    }

    private CgroupStats stats() {
        return CgroupStats.at(cgroups, proc).orElseThrow();
    }

    /** The reading with its time taken out. */
    private Usage onlyReading() {
        Usage usage = stats().read(List.of(GONE, CONTAINER)).get(CONTAINER.id());
        return new Usage(0, usage.cpuNanos(), usage.memoryBytes(), usage.networkRxBytes(), usage.networkTxBytes(),
                usage.blockReadBytes(), usage.blockWriteBytes(), usage.pids(), usage.oomKills());
    }

    private static Usage expected() {
        return new Usage(0, 1_500_000_000, 3_000_000, OptionalLong.of(486), OptionalLong.of(107),
                OptionalLong.of(4096), OptionalLong.of(512), OptionalLong.of(2), OptionalLong.of(3));
    }

    private void version1(String group) throws IOException {
        write(cgroups, "cpuacct/cpuacct.usage", "99\n");
        write(cgroups, "cpuacct/" + group + "/cpuacct.usage", "1500000000\n");
        write(cgroups, "cpuacct/" + group + "/cgroup.procs", "77\n78\n");
        write(cgroups, "memory/" + group + "/memory.usage_in_bytes", "4000000\n");
        write(cgroups, "memory/" + group + "/memory.stat",
                "cache 7\ninactive_file 5\ntotal_cache 9\ntotal_inactive_file 1000000\ntotal_active_file 8\n");
        write(cgroups, "memory/" + group + "/memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 3\n");
        write(cgroups, "pids/" + group + "/pids.current", "2\n");
        write(cgroups, "blkio/" + group + "/blkio.throttle.io_service_bytes_recursive",
                "8:0 Read 4000\n8:0 Write 512\n8:0 Total 4512\n8:16 Read 96\n8:16 Write 0\nTotal 4608\n");
    }

    private void version2(String group) throws IOException {
        write(cgroups, "cgroup.controllers", "cpu io memory pids\n");
        write(cgroups, group + "/cpu.stat", "usage_usec 1500000\nuser_usec 1000000\nsystem_usec 500000\n");
        write(cgroups, group + "/cgroup.procs", "77\n78\n");
        write(cgroups, group + "/memory.current", "4000000\n");
        write(cgroups, group + "/memory.stat", "anon 5\nfile 9\ninactive_file 1000000\nactive_file 8\n");
        write(cgroups, group + "/memory.events", "low 0\nhigh 0\nmax 9\noom 4\noom_kill 3\noom_group_kill 0\n");
        write(cgroups, group + "/pids.current", "2\n");
        write(cgroups, group + "/io.stat",
                "8:0 rbytes=4000 wbytes=512 rios=1 wios=2 dbytes=7 dios=0\n8:16 rbytes=96 wbytes=0 rios=1 wios=0\n");
    }

    private void namespace(String pid, String name) throws IOException {
        Path directory = Files.createDirectories(proc.resolve(pid).resolve("ns"));
        Files.createSymbolicLink(directory.resolve("net"), Path.of(name));
    }

    private static void write(Path root, String path, String text) throws IOException {
        Path file = root.resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }
}
