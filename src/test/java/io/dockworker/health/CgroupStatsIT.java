package io.dockworker.health;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.dockworker.command.ContainerSnapshot;
import io.dockworker.health.StatsSource.Usage;
import java.io.IOException;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
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
    void everyCounterAgreesWithTheEnginesUnderLoadAndAtRest() throws Exception {
        ContainerSnapshot busy = load();
        assertTrue(stats.usable(List.of(busy)));

        // Counters only grow, so ours lies between two of the engine's.
        Map<String, Double> before = engines(busy);
        Map<String, Double> under = ContainedReader.figures(read(busy));
        Map<String, Double> after = engines(busy);
        assertBetween(before, under, after);
        assertTrue(after.get("cpu") > before.get("cpu"), "it is under load");

        run("docker", "pause", busy.id().value());
        Map<String, Double> still = engines(busy);
        Map<String, Double> paused = ContainedReader.figures(read(busy));
        assertBetween(still, paused, engines(busy));
        assertTrue(paused.get("memory") > 24 << 20, "it holds 24 MiB: " + paused);
        assertTrue(paused.get("rx") > 10_000 && paused.get("tx") > 10_000, paused::toString);
    }

    /** The reader in a container, with namespaces of its own: all it has of the host is what is mounted elsewhere. */
    @Test
    void aWorkerInAContainerReadsTheHostsTreesWhereTheyAreMounted() throws Exception {
        ContainerSnapshot still = load();
        run("docker", "pause", still.id().value());
        Map<String, Double> before = ContainedReader.figures(read(still));
        List<String> inside = new ArrayList<>(List.of("docker", "run", "--rm", "--network", "none", "--cgroupns",
                cgroupNamespaces() ? "private" : "host", "-v", "/sys/fs/cgroup:/host/cgroup:ro", "-v",
                "/proc:/host/proc:ro"));
        String classes = Stream.of(CgroupStats.class, CgroupStatsIT.class).map(CgroupStatsIT::location).distinct()
                .collect(Collectors.joining(":"));
        Stream.concat(Stream.of("/usr", "/lib", "/lib64", System.getProperty("java.home")),
                Stream.of(classes.split(":", -1))).filter(path -> Files.exists(Path.of(path)))
                .forEach(path -> inside.addAll(List.of("-v", path + ":" + path + ":ro")));
        inside.addAll(List.of("-w", "/", IMAGE, System.getProperty("java.home") + "/bin/java", "-Xshare:auto", "-cp",
                classes, ContainedReader.class.getName(), "/host/cgroup", "/host/proc", still.id().value()));
        String seen = run(inside.toArray(String[]::new)).strip().lines().toList().getLast();
        Map<String, Double> figures = new ObjectMapper().readValue(seen, new TypeReference<>() {});
        assertBetween(before, figures, ContainedReader.figures(read(still)));
    }

    private static String location(Class<?> type) {
        return Path.of(URI.create(type.getProtectionDomain().getCodeSource().getLocation().toString())).toString();
    }

    private static boolean cgroupNamespaces() {
        return Files.exists(Path.of("/proc/self/ns/cgroup"));
    }

    /** One that uses processor, memory, network and disk. */
    private ContainerSnapshot load() throws Exception {
        ContainerSnapshot busy = start(
                List.of("--network", network(), "--cpus", "0.5", "--memory", "64m", "--tmpfs", "/fill"), """
                        b=/bin/busybox
                        $b dd if=/dev/zero of=/fill/m bs=1M count=24 2>/dev/null
                        $b ping -i 0.05 -s 1400 $($b ip route | $b awk '/default/{print $3}') >/dev/null &
                        while :; do
                          $b dd if=/dev/zero of=/file bs=64k count=16 oflag=direct
                          $b dd if=/file of=/dev/null bs=64k iflag=direct
                        done 2>/dev/null""");
        Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> {
            Usage usage = read(busy);
            return usage.cpuNanos() > 500_000_000 && usage.networkRxBytes().orElse(0) > 20_000;
        });
        return busy;
    }

    /** The engine's own reading, as `docker stats` asks for it but without its second of waiting. */
    private static Map<String, Double> engines(ContainerSnapshot container) throws IOException {
        try (var socket = SocketChannel.open(UnixDomainSocketAddress.of("/var/run/docker.sock"))) {
            socket.write(ByteBuffer.wrap(("GET /containers/" + container.id()
                    + "/stats?stream=false&one-shot=true HTTP/1.0\r\n\r\n").getBytes(StandardCharsets.US_ASCII)));
            String answer = new String(Channels.newInputStream(socket).readAllBytes(), StandardCharsets.UTF_8);
            return engineFigures(new ObjectMapper().readTree(answer.substring(answer.indexOf("\r\n\r\n"))));
        }
    }

    private static void assertBetween(Map<String, Double> before, Map<String, Double> ours,
            Map<String, Double> after) {
        before.forEach((name, first) -> {
            double second = after.get(name);
            double own = ours.get(name);
            assertTrue(own >= 0.98 * Math.min(first, second) && own <= 1.02 * Math.max(first, second),
                    () -> name + ": " + own + ", not within 2 % of " + first + " to " + second);
        });
    }

    private static Map<String, Double> engineFigures(JsonNode stats) {
        JsonNode memory = stats.path("memory_stats");
        JsonNode details = memory.path("stats");
        double cache = details.path(details.has("total_inactive_file") ? "total_inactive_file" : "inactive_file")
                .asDouble();
        return Map.of("cpu", stats.at("/cpu_stats/cpu_usage/total_usage").asDouble(), "memory",
                memory.path("usage").asDouble() - cache, "rx", stats.at("/networks/eth0/rx_bytes").asDouble(), "tx",
                stats.at("/networks/eth0/tx_bytes").asDouble(), "read", blocks(stats, "read"), "written",
                blocks(stats, "write"), "pids", stats.at("/pids_stats/current").asDouble());
    }

    private static double blocks(JsonNode stats, String operation) {
        double sum = 0;
        for (JsonNode one : stats.at("/blkio_stats/io_service_bytes_recursive")) {
            sum += one.path("op").asText().equalsIgnoreCase(operation) ? one.path("value").asDouble() : 0;
        }
        return sum;
    }

    @Test
    void networkIsCountedOnlyWhereTheContainerHasOne() throws Exception {
        Usage bridged = read(start(List.of("--network", network()), "/bin/busybox sleep 1000"));
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
        return ContainedReader.snapshot(id);
    }

    private String network() throws Exception {
        networks.add(run("docker", "network", "create", IMAGE.replace(':', '-')).strip());
        return networks.getLast();
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
