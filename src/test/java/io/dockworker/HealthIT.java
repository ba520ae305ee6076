package io.dockworker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When a container's samples come, and what they say of it: a whole worker on real services. */
final class HealthIT {
    private static final String IMAGE = "dockworker-samples-it:1";
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int STARTS = 10;
    private static final String OOM_KILLED = "a process was killed for lack of memory";
    /** Not at once: the engine misses a kill in the first moments of a container. */
    private static final String GROW = "sleep 1; x=aaaaaaaa; while true; do x=$x$x; done";

    private static final Opened OPENED = new Opened();

    @TempDir
    private static Path directory;
    private static Upstream upstream;

    @BeforeAll
    static void start() throws Exception {
        OPENED.own(new TestImage(IMAGE));
        upstream = OPENED.own(new Upstream("health-it."));
    }

    @AfterAll
    static void stop() throws Exception {
        OPENED.close();
    }

    @Test
    void aFirstSampleIsThereTwoSecondsAfterAStart() throws Exception {
        List<String> flags = new ArrayList<>(upstream.flags(directory, "health-it"));
        // The default, a minute, lets none come by chance.
        flags.removeIf(flag -> flag.startsWith("--health-interval-seconds"));
        try (Worker _ = Upstream.worker(flags)) {
            Map<String, Instant> first = new HashMap<>();
            var sent = new AtomicInteger();
            Awaitility.await().atMost(PATIENCE.multipliedBy(STARTS)).pollInterval(Duration.ofMillis(20)).until(() -> {
                samples("soon-")
                        .forEach(sample -> first.putIfAbsent(sample.path("container_id").asText(), Instant.now()));
                // One after the other, else they would wait for each other in the engine.
                if (sent.get() < STARTS && (sent.get() == 0 || !upstream.results("soon-" + sent).isEmpty())) {
                    create("soon-" + sent.incrementAndGet(), "");
                }
                return first.size() == STARTS;
            });
            List<Duration> waits = new ArrayList<>();
            for (String id : first.keySet()) {
                Instant started = Instant.parse(Upstream.docker("inspect", "-f", "{{.State.StartedAt}}", id));
                waits.add(Duration.between(started, first.get(id)));
            }
            // One may be late on a machine that has much to do besides.
            Duration median = waits.stream().sorted().toList().get(STARTS / 2);
            assertTrue(median.compareTo(Duration.ofSeconds(2)) <= 0, waits::toString);
        }
    }

    @Test
    void aContainerIsCriticalWhileItsHealthcheckFails() throws Exception {
        try (Worker _ = worker()) {
            create("sick", """
                    ,"healthcheck":{"test":"test ! -e /tmp/sick","interval":"1s","timeout":"10s","retries":1}""");
            until("sick", "healthy");
            Upstream.docker("exec", "sick", "touch", "/tmp/sick");
            until("sick", "critical", "its healthcheck fails");
            Upstream.docker("exec", "sick", "rm", "/tmp/sick");
            until("sick", "healthy");

            // The engine does not ask one that is paused or has ended, and calls it unhealthy.
            int before = samples("sick").size();
            Upstream.docker("pause", "sick");
            Awaitility.await().atMost(PATIENCE).until(() -> samples("sick").size() >= before + 3);
            Upstream.docker("unpause", "sick");
            Awaitility.await().atMost(PATIENCE).until(() -> samples("sick").size() >= before + 5);
            upstream.send("sick", """
                    {"id":"sick-2","type":"stop","target":"sick"}""");
            until("sick", "stopped");
            assertEquals(List.of(), samples("sick").stream().skip(before)
                    .filter(sample -> sample.path("status").asText().equals("critical")).toList());
            assertEquals(1, told("sick", "health_status").stream()
                    .filter(event -> event.at("/attributes/health").asText().equals("unhealthy")).count());
        }
    }

    @Test
    void aContainerIsCriticalFromAnOomKillUntilItsNextStart() throws Exception {
        try (Worker _ = worker()) {
            create("gone", """
                    ,"resources":{"memory_limit":"8m"},"entrypoint":["sh","-c","%s"]""".formatted(GROW));
            upstream.result("gone");
            Awaitility.await().atMost(PATIENCE).until(
                    () -> Upstream.docker("inspect", "-f", "{{.State.Status}}", "gone").equals("exited"));
            // The kill may be seen before the end is.
            Awaitility.await().atMost(PATIENCE).until(() -> until("gone", "critical", OOM_KILLED),
                    gone -> gone.path("cpu_usage").asDouble() + gone.path("memory_usage").asDouble() == 0);

            create("greedy", """
                    ,"resources":{"memory_limit":"8m"}""");
            until("greedy", "healthy");
            assertThrows(IOException.class, () -> Upstream.docker("exec", "greedy", "sh", "-c", GROW));
            until("greedy", "critical", OOM_KILLED);
            assertEquals("running", Upstream.docker("inspect", "-f", "{{.State.Status}}", "greedy"));
            upstream.send("greedy", """
                    {"id":"greedy-2","type":"restart","target":"greedy"}""");
            until("greedy", "healthy");
            // Once this is told, what its new start has shown is told too.
            Upstream.docker("pause", "greedy");
            Awaitility.await().atMost(PATIENCE).until(() -> !told("greedy", "pause").isEmpty());
            assertEquals(1, told("greedy", "oom").size());
        }
    }

    /** However full this machine's disk is. */
    private static Worker worker() throws Exception {
        List<String> flags = new ArrayList<>(upstream.flags(directory, "health-it"));
        flags.addAll(List.of("--health-disk-warning-percent=99", "--health-disk-critical-percent=100"));
        return Upstream.worker(flags);
    }

    private static void create(String id, String fields) {
        upstream.send(id,
                """
                        {"id":"%1$s","type":"create","image":"%2$s","name":"%1$s","pull_policy":"never","network_mode":"none"%3$s}"""
                        .formatted(id, IMAGE, fields));
    }

    /** Waits until the latest sample of a container says so. */
    private static JsonNode until(String name, String status, String... reasons) {
        return Awaitility.await().atMost(PATIENCE).until(() -> latest(name), latest -> {
            List<String> said = new ArrayList<>();
            latest.path("reasons").forEach(reason -> said.add(reason.asText()));
            return latest.path("status").asText().equals(status) && said.equals(List.of(reasons));
        });
    }

    private static List<JsonNode> told(String name, String type) {
        return upstream.values("events").stream().filter(event -> event.path("name").asText().equals(name)
                && event.path("type").asText().equals(type)).toList();
    }

    private static JsonNode latest(String name) {
        return samples(name).stream().reduce((_, later) -> later).orElseGet(MissingNode::getInstance);
    }

    private static List<JsonNode> samples(String prefix) {
        return samples().stream().filter(sample -> sample.path("name").asText().startsWith(prefix)).toList();
    }

    private static List<JsonNode> samples() {
        return upstream.values("health").stream().filter(sample -> sample.path("image").asText().equals(IMAGE))
                .toList();
    }
}
