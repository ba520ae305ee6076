package io.dockworker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.OutputStream;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The disks of PostgreSQL and of Kafka run full in the middle of work, and have room again: nothing is lost or doubled. */
final class FullDisksIT {
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final String KAFKA = "dockworker-full-disks-it-kafka";
    private static final int COMMANDS = 60;
    private static final Opened OPENED = new Opened();
    private static LogTail log;

    @TempDir
    private static Path directory;
    private static Disk ofKafka;
    private static Disk ofPostgres;
    private static Upstream upstream;
    private static Worker worker;

    /** A small file system of its own. */
    private record Disk(Path path) {
        static Disk mount(String name, int mebibytes) throws Exception {
            Path path = Files.createDirectory(directory.resolve(name));
            TestImages.run(null, 0, "mount", "-t", "tmpfs", "-o", "mode=777,size=" + mebibytes + "m", "tmpfs",
                    path.toString());
            OPENED.atTheEnd(() -> TestImages.run(null, 0, "umount", path.toString()));
            return new Disk(path);
        }

        void fill() throws IOException {
            try (OutputStream filler = Files.newOutputStream(path.resolve("filler"))) {
                while (true) {
                    filler.write(new byte[4096]);
                }
            } catch (IOException _) {
                assertEquals(0, Files.getFileStore(path).getUsableSpace());
            }
        }

        void clear() throws IOException {
            Files.delete(path.resolve("filler"));
        }
    }

    @BeforeAll
    static void start() throws Exception {
        log = OPENED.own(new LogTail("io.dockworker"));
        ofKafka = Disk.mount("kafka", 64);
        ofPostgres = Disk.mount("postgres", 256);
        int kafkaPort = anyFreePort();
        int postgresPort = anyFreePort();
        run(KAFKA, kafkaPort, "9092", ofKafka, "/var/lib/kafka/data", TestImages.kafka(),
                Map.ofEntries(Map.entry("KAFKA_NODE_ID", "1"), Map.entry("KAFKA_PROCESS_ROLES", "broker,controller"),
                        Map.entry("KAFKA_CONTROLLER_QUORUM_VOTERS", "1@127.0.0.1:9093"),
                        Map.entry("KAFKA_CONTROLLER_LISTENER_NAMES", "CONTROLLER"),
                        Map.entry("KAFKA_LISTENERS",
                                "INSIDE://127.0.0.1:19092,OUTSIDE://:9092,CONTROLLER://127.0.0.1:9093"),
                        Map.entry("KAFKA_ADVERTISED_LISTENERS",
                                "INSIDE://127.0.0.1:19092,OUTSIDE://127.0.0.1:" + kafkaPort),
                        Map.entry("KAFKA_LISTENER_SECURITY_PROTOCOL_MAP",
                                "INSIDE:PLAINTEXT,OUTSIDE:PLAINTEXT,CONTROLLER:PLAINTEXT"),
                        Map.entry("KAFKA_INTER_BROKER_LISTENER_NAME", "INSIDE"),
                        Map.entry("KAFKA_LOG_DIRS", "/var/lib/kafka/data"),
                        Map.entry("KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR", "1"),
                        Map.entry("KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR", "1"),
                        Map.entry("KAFKA_TRANSACTION_STATE_LOG_MIN_ISR", "1"),
                        Map.entry("KAFKA_MESSAGE_MAX_BYTES", "4194304")));
        run("dockworker-full-disks-it-postgres", postgresPort, "5432", ofPostgres, "/var/lib/postgresql",
                TestImages.postgres(), Map.of("POSTGRES_USER", "dockworker", "POSTGRES_PASSWORD", "secret"));
        upstream = OPENED.own(new Upstream("full-disks-it.", "127.0.0.1:" + kafkaPort));
        List<String> flags = new ArrayList<>(upstream.flags(directory.resolve("lock"), "full-disks-it"));
        flags.removeIf(flag -> flag.startsWith("--postgres-url="));
        flags.add("--postgres-url=postgresql://dockworker:secret@127.0.0.1:" + postgresPort + "/dockworker");
        worker = OPENED.own(Upstream.worker(flags));
    }

    @AfterAll
    static void stop() throws Exception {
        OPENED.close();
    }

    private static int anyFreePort() throws IOException {
        try (var socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    private static void run(String name, int port, String inside, Disk disk, String data, String image,
            Map<String, String> environment) throws Exception {
        List<String> words = new ArrayList<>(List.of("run", "-d", "--name", name, "--restart", "unless-stopped", "-p",
                "127.0.0.1:" + port + ":" + inside, "-v", disk.path() + ":" + data));
        environment.forEach((key, value) -> words.addAll(List.of("-e", key + "=" + value)));
        words.add(image);
        // What a killed run has left.
        TestImages.run(null, 1, "docker", "rm", "-fv", name);
        OPENED.atTheEnd(() -> TestImages.run(null, 1, "docker", "rm", "-fv", name));
        Upstream.docker(words.toArray(String[]::new));
    }

    @Test
    void aFullDiskOfPostgresHoldsCommandsBack() throws Exception {
        List<String> ids = send("postgres");
        ofPostgres.fill();
        ids.addAll(send("postgres-more"));
        Awaitility.await().atMost(LONG).until(() -> detail("postgres").contains("No space left on device"));
        assertTrue(results(ids).size() < ids.size());
        ofPostgres.clear();
        assertEachHasOneResult(ids);
    }

    @Test
    void aFullDiskOfKafkaHoldsResultsBack() throws Exception {
        List<String> ids = send("kafka");
        ofKafka.fill();
        // A broker without a disk ends, and its restarts do, too.
        Awaitility.await().atMost(LONG).until(() -> !detail("kafka").isEmpty());
        OPENED.atTheEnd(() -> TestImages.run(null, 1, "docker", "rm", "-f", "full-disks-it"));
        Upstream.docker("create", "--name", "full-disks-it", "--label", "managed-by=it", TestImages.kafka());
        ofKafka.clear();
        Upstream.docker("restart", KAFKA);
        assertEachHasOneResult(ids);
        // What happened meanwhile is told, once.
        Awaitility.await().atMost(LONG).until(() -> told().contains("create"));
        assertEquals(1, Collections.frequency(told(), "create"), told()::toString);
    }

    private static void assertEachHasOneResult(List<String> ids) {
        Awaitility.await().atMost(LONG).until(() -> results(ids).size() >= ids.size());
        Awaitility.await().atMost(LONG).until(() -> detail("kafka").isEmpty() && detail("postgres").isEmpty());
        assertEquals(ids.stream().sorted().toList(), results(ids));
        List<String> said = log.lines();
        assertTrue(said.stream().noneMatch(line -> line.contains("COMMAND_GAP")), said::toString);
        // However often each loop has tried.
        assertTrue(said.stream().filter(line -> line.endsWith("(trying again)")).count() <= 6, said::toString);
        assertEquals(List.of(), said.stream().filter(line -> line.contains("open commands")).toList());
        log.clear();
    }

    /** Sends commands of some size, for containers that cannot be made. */
    private static List<String> send(String name) {
        var random = new Random(1);
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < COMMANDS; i++) {
            String id = name + "-" + i;
            byte[] noise = new byte[30_000];
            random.nextBytes(noise);
            upstream.send(id,
                    """
                            {"id":"%s","type":"create","image":"no-such-image","name":"%s","pull_policy":"never","env":{"A":"%s"}}"""
                            .formatted(id, id, HexFormat.of().formatHex(noise)));
            ids.add(id);
        }
        return ids;
    }

    /** The commands of the results so far, sorted. */
    private static List<String> results(List<String> ids) {
        return upstream.values("results").stream().map(result -> result.path("command_id").asText())
                .filter(ids::contains).sorted().toList();
    }

    /** What was told of the container that was made while there was no room. */
    private static List<String> told() {
        return upstream.values("events").stream().filter(event -> event.path("name").asText().equals("full-disks-it"))
                .map(event -> event.path("type").asText()).toList();
    }

    /** What readiness has to say against a dependency. */
    private static String detail(String dependency) throws Exception {
        URI ready = URI.create("http://127.0.0.1:" + worker.httpPort() + "/health/ready");
        try (HttpClient client = HttpClient.newHttpClient()) {
            for (JsonNode one : new ObjectMapper().readTree(client.send(HttpRequest.newBuilder(ready).build(),
                    HttpResponse.BodyHandlers.ofString()).body()).path("dependencies")) {
                if (one.path("name").asText().equals(dependency) && !one.path("up").asBoolean()) {
                    return one.path("detail").asText();
                }
            }
            return "";
        }
    }
}
