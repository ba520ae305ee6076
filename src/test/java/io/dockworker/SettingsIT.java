package io.dockworker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.dockworker.kafka.TopicCatalog;
import io.dockworker.postgres.Database;
import io.dockworker.postgres.PostgresAddress;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.ConnectException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Settings that no other test gives to a whole worker, each with what it is for. */
final class SettingsIT {
    private static final String IMAGE = "dockworker-settings-it:1";
    private static final Duration LONG = Duration.ofSeconds(60);

    @TempDir
    private Path directory;

    @Test
    void eachDoesWhatItIsFor() throws Exception {
        try (var _ = new TestImage(IMAGE);
                var upstream = new Upstream("settings-it.");
                var database = new Database(PostgresAddress.parse(upstream.postgresUrl), new SimpleMeterRegistry())) {
            Map<String, String> environment = new HashMap<>(environment(upstream));
            try (Worker _ = Upstream.worker(upstream.flags(directory, "settings-it"))) {
                upstream.send("old", "{\"id\":\"old\",\"type\":\"stop\",\"image\":\"no-such\"}");
                upstream.send("busy", """
                        {"id":"busy-1","type":"create","image":"%s","name":"busy","pull_policy":"never",
                         "network_mode":"none","command":["sh","-c","while :; do :; done"],
                         "resources":{"memory_limit":"6m"}}""".formatted(IMAGE));
                assertEquals("succeeded", upstream.result("old").path("status").asText());
                assertEquals("succeeded", upstream.result("busy-1").path("status").asText());
            }
            // So much later.
            database.jdbi().useHandle(handle -> {
                handle.execute("update commands set finished_at = finished_at - interval '9 days' where id = 'old'");
                handle.execute("update events set at = at - interval '2 days'");
                handle.execute("create table health_snapshots_20200101 partition of health_snapshots "
                        + "for values from ('2020-01-01 00:00:00+00') to ('2020-01-02 00:00:00+00')");
            });
            Process worker = MainProcess.start(directory, directory.resolve("err"), environment, "run");
            try {
                URI commands = URI.create("http://127.0.0.2:" + environment.get("HTTP_PORT") + "/commands/busy-1");
                Awaitility.await().atMost(LONG).ignoreExceptions().until(() -> status(commands, "word") == 200);
                assertEquals(401, status(commands, "another"));
                assertThrows(ConnectException.class,
                        () -> status(URI.create(commands.toString().replace("127.0.0.2", "127.0.0.1")), "word"));

                Awaitility.await().atMost(LONG).untilAsserted(() -> assertEquals("0 0 0", database.jdbi()
                        .withHandle(handle -> handle.createQuery("""
                                select concat_ws(' ', (select count(*) from commands where id = 'old'),
                                    (select count(*) from events where at < now() - interval '1 day'),
                                    (select count(*) from pg_class where relname = 'health_snapshots_20200101'))""")
                                .mapTo(String.class).one())));

                Awaitility.await().atMost(LONG).untilAsserted(() -> {
                    JsonNode sample = upstream.values("health").stream()
                            .filter(one -> one.path("name").asText().equals("busy")).toList().getLast();
                    assertTrue(sample.path("reasons").toString().matches("\\[\"CPU at \\S+ % \\(warning\\)\","
                            + "\"memory at \\S+ % \\(critical\\)\",\"disk at \\S+ % \\(critical\\)\"]"),
                            sample::toString);
                    assertEquals("critical", sample.path("status").asText());
                });

                upstream.send("busy", "{\"id\":\"busy-2\",\"type\":\"remove\",\"target\":\"busy\"}");
                assertEquals("succeeded", upstream.result("busy-2").path("status").asText());
            } finally {
                worker.destroy();
                assertTrue(worker.waitFor(20, TimeUnit.SECONDS));
            }
            List<JsonNode> log = new ArrayList<>();
            for (String line : Files.readAllLines(directory.resolve("worker.log"))) {
                log.add(new ObjectMapper().readTree(line));
            }
            assertTrue(log.stream().anyMatch(line -> line.at("/mdc/command_id").asText().equals("busy-2")),
                    "LOG_FORMAT, LOG_FILE");
            List<JsonNode> spelt = log.stream().filter(line -> line.toString().contains("KAFKA_FOO_BAR")).toList();
            assertEquals(List.of("WARN"), spelt.stream().map(line -> line.path("level").asText()).toList(),
                    spelt::toString);
        }
    }

    private Map<String, String> environment(Upstream upstream) throws IOException {
        Map<String, String> environment = new TreeMap<>();
        for (String flag : upstream.flags(directory, "settings-it")) {
            String[] parts = flag.substring(2).split("=", 2);
            environment.put(parts[0].toUpperCase(Locale.ROOT).replace('-', '_'), parts[1]);
        }
        try (var free = new ServerSocket(0)) {
            environment.put("HTTP_PORT", String.valueOf(free.getLocalPort()));
        }
        Path token = Files.writeString(directory.resolve("token"), "word\n");
        environment.putAll(Map.of("HTTP_HOST", "127.0.0.2", "HTTP_TOKEN_FILE", token.toString(),
                "COMMAND_RETENTION_DAYS", "8", "EVENT_RETENTION_DAYS", "1", "HEALTH_RETENTION_DAYS", "1", "LOG_FILE",
                directory.resolve("worker.log").toString(), "LOG_FORMAT", "json", "KAFKA_FOO_BAR", "1"));
        environment.putAll(Map.of("HEALTH_CPU_WARNING_PERCENT", "1", "HEALTH_CPU_CRITICAL_PERCENT", "100",
                "HEALTH_MEMORY_WARNING_PERCENT", "2", "HEALTH_MEMORY_CRITICAL_PERCENT", "3",
                "HEALTH_DISK_WARNING_PERCENT", "1", "HEALTH_DISK_CRITICAL_PERCENT", "2"));
        return environment;
    }

    private static int status(URI uri, String token) throws IOException, InterruptedException {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(HttpRequest.newBuilder(uri).header("Authorization", "Bearer " + token).build(),
                    HttpResponse.BodyHandlers.discarding()).statusCode();
        }
    }

    @Test
    void topicsThatAreMissingAreWaitedForAndCountersAreReadWhereTheyAre() throws Exception {
        try (var _ = new TestImage(IMAGE); var upstream = new Upstream("settings-it-topics.")) {
            Map<String, String> environment = environment(upstream);
            counters(Upstream.docker("run", "-d", "--name", "counted", "--network", "none", "--label",
                    "managed-by=" + IMAGE, IMAGE));
            environment
                    .putAll(Map.of("TOPIC_PREFIX", "settings-it-none.", "TOPICS_CREATE", "false", "LOG_LEVEL", "warn",
                            "CGROUP_DIR", directory.resolve("cgroup").toString(), "PROC_DIR",
                            directory.resolve("proc").toString()));
            Path log = directory.resolve("worker.log");
            URI ready = URI.create("http://127.0.0.2:" + environment.get("HTTP_PORT") + "/health/ready");
            Process worker = MainProcess.start(directory, directory.resolve("err"), environment, "run");
            try {
                for (var topic : TopicCatalog.load("settings-it-none.").topics()) {
                    Awaitility.await().atMost(LONG).ignoreExceptions()
                            .until(() -> Files.readString(log).contains(topic.name()));
                }
                assertEquals(503, status(ready, ""));
                try (var made = new Upstream("settings-it-none.")) {
                    Awaitility.await().atMost(LONG).until(() -> status(ready, "") == 200);
                    JsonNode sample = Awaitility.await().atMost(LONG).until(() -> made.values("health").stream()
                            .filter(one -> one.path("name").asText().equals("counted")).findFirst(),
                            Optional::isPresent)
                            .orElseThrow();
                    assertEquals("42 1048576 1234", sample.path("pids") + " " + sample.path("memory_bytes") + " "
                            + sample.path("network_rx_bytes"), sample::toString);
                }
            } finally {
                worker.destroy();
                assertTrue(worker.waitFor(20, TimeUnit.SECONDS));
            }
            assertFalse(Files.readString(log).contains("\"INFO\""), "LOG_LEVEL");
        }
    }

    /** As a host with control groups of version 2 has them. */
    private void counters(String id) throws IOException {
        Path cgroups = directory.resolve("cgroup");
        Path group = Files.createDirectories(cgroups.resolve("docker").resolve(id));
        Files.writeString(cgroups.resolve("cgroup.controllers"), "cpu io memory pids\n");
        Files.writeString(group.resolve("cpu.stat"), "usage_usec 1000000\n");
        Files.writeString(group.resolve("memory.current"), "1048576\n");
        Files.writeString(group.resolve("memory.stat"), "inactive_file 0\n");
        Files.writeString(group.resolve("pids.current"), "42\n");
        Files.writeString(group.resolve("io.stat"), "");
        Files.writeString(group.resolve("cgroup.procs"), "77\n");
        Path process = Files.createDirectories(directory.resolve("proc/77/net"));
        Files.writeString(process.resolve("dev"), "\n\n eth0: 1234 1 0 0 0 0 0 0 5678 1 0 0 0 0 0 0\n");
    }
}
