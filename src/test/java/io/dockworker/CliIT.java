package io.dockworker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.dockworker.docker.Registry;
import io.dockworker.kafka.ReadCommitted;
import io.dockworker.standalone.TestServices;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The launcher's verbs as a person uses them: each in a process of its own, beside a worker on real services. */
final class CliIT {
    private static final String IMAGE = "dockworker-cli-it:1";
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private static Path directory;
    private static final Opened OPENED = new Opened();

    private static Registry registry;
    private static Upstream upstream;
    private static Worker worker;

    private record Ended(int code, String out, String err) {
        JsonNode json() {
            return read(out);
        }

        Ended with(int expected) {
            assertEquals(expected, code, () -> out + "\n" + err);
            return this;
        }
    }

    @BeforeAll
    static void start() throws Exception {
        Files.writeString(Files.createDirectory(directory.resolve("secrets")).resolve("login"), Registry.LOGIN + "\n");
        registry = OPENED.own(new Registry(Files.createDirectory(directory.resolve("registry"))));
        OPENED.own(new TestImage(IMAGE));
        upstream = OPENED.own(new Upstream("cli-it."));
        Files.createDirectory(directory.resolve(".dockworker"));
        Files.writeString(directory.resolve(".dockworker/endpoints.env"), "KAFKA_BOOTSTRAP_SERVERS="
                + TestServices.bootstrapServers() + "\nPOSTGRES_URL=" + upstream.postgresUrl + "\n");
        worker = startWorker();
        OPENED.atTheEnd(() -> worker.close());
    }

    private static Worker startWorker() throws Exception {
        List<String> flags = new ArrayList<>(upstream.flags(directory.resolve("lock"), "cli-it"));
        flags.add("--secrets-dir=" + directory.resolve("secrets"));
        return Upstream.worker(flags);
    }

    @AfterAll
    static void stop() throws Exception {
        OPENED.close();
    }

    @Test
    void aCommandIsSentAndSeenByEveryVerbThatShows() throws Exception {
        Process watch = begin("watch");
        try (var lines = watch.inputReader(StandardCharsets.UTF_8)) {
            String first = lines.readLine();
            assertTrue(first != null && first.contains("watching"), first);

            Ended created = run("send", "create", "image=" + IMAGE, "name=cli-web", "pull_policy=never",
                    "env.GREETING=hello", "network_mode=none", "resources.memory_limit=64m", "command=sh",
                    "command=-c", "command=echo written by $GREETING; sleep 300", "--wait").with(0);
            assertTrue(created.out().contains("create  succeeded") && created.out().contains("cli-web running"),
                    created.out());
            assertTrue(lines.lines().anyMatch(line -> line.contains("result  ") && line.contains("cli-web running")));
        }
        watch.destroy();
        assertTrue(watch.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS));
        assertEquals(0, watch.exitValue(), "a signal is how it is meant to end");

        JsonNode containers = run("ps", "--image", IMAGE, "--state", "running", "--output", "json").with(0).json();
        JsonNode container = containers.findParents("ports").stream()
                .filter(one -> one.path("name").asText().equals("cli-web")).findFirst().orElseThrow();
        Ended misspelt = run("ps", "--state", "runing").with(2);
        assertTrue(misspelt.err().contains("--state: \"runing\" is no status of a container"), misspelt.err());
        assertTrue(run("ps").with(0).out().lines().anyMatch(line -> line.startsWith("cli-web ")));
        JsonNode events = run("events", "cli-web", "-o", "json").with(0).json();
        assertEquals(List.of("create", "start"), List.of(events.path(0).path("type").asText(),
                events.path(1).path("type").asText()), events::toString);
        Awaitility.await().atMost(PATIENCE).until(
                () -> Upstream.docker("logs", "cli-web").contains("written by hello"));
        assertEquals("written by hello\n", run("logs", "cli-web").with(0).out());

        assertEquals(1, run("send", "stop", "target=nobody-there", "-w").code(), "the command failed");
        Ended removed = run("send", "remove", "target=" + container.path("id").asText().substring(0, 12), "--wait",
                "--output", "json").with(0);
        assertEquals("succeeded", removed.json().path("status").asText());
        assertEquals(1, run("logs", "cli-web").code());
    }

    @Test
    void onATerminalTheFleetAndThePullsAreSeenLive() throws Exception {
        pushLarge("cli-large:1");
        String large = registry.name("cli-large:1");
        try (var watch = new Seated(directory, environment(), "watch")) {
            watch.until("^NAME|^no containers yet");
            upstream.send("cli-seen", "{\"type\":\"create\",\"image\":\"" + IMAGE
                    + "\",\"name\":\"cli-seen\",\"pull_policy\":\"never\",\"network_mode\":\"none\"}");
            watch.until("cli-seen +running +healthy +[0-9.]+ %");
            registry.become(Registry.Way.STALLED);
            try (var pull = new Seated(directory, environment(), "send", "pull", "image=" + large,
                    "registry_auth_ref=login", "--wait")) {
                String bar = "cli-it pulls .*cli-large:1 +\\[#*-+\\] +[1-9][0-9]* %  [0-9.]+ of 8.0 MiB, 0 of 1 layers";
                watch.until(bar);
                pull.until(bar);
                registry.release();
                assertEquals(0, pull.exitCode());
                List<String> left = pull.screen().lines();
                Upstream.docker("rmi", large);
                assertTrue(left.size() == 1 && left.getFirst().endsWith("  pull  succeeded"), "a result: " + left);
            } finally {
                registry.release();
            }
            watch.until("Z  pull  succeeded  ");
            watch.type('\003');
            assertEquals(0, watch.exitCode(), "Ctrl-C is how it is meant to end");
            assertTrue(watch.screen().isUsual());
            assertEquals(List.of(), watch.screen().lines(), "nothing of it stays");
        }
    }

    /** An image of one layer of 8 MiB that cannot be compressed. */
    private static void pushLarge(String name) throws Exception {
        TestImages.run(directory.toFile(), 0, "sh", "-c",
                "head -c 8388608 /dev/urandom > random; tar -c random | docker import - " + name);
        registry.push(name, name);
        Upstream.docker("rmi", name);
    }

    @Test
    void whatIsRefusedHereIsNotSent() throws Exception {
        Path file = Files.writeString(directory.resolve("commands.jsonl"), """
                {"id":"cli-good","type":"stop","target":"nobody"}
                {"id":"cli-bad","type":"stop","targett":"nobody"}
                """);
        Ended refused = run("send", "--file", file.toString()).with(2);
        assertTrue(refused.err().contains("command 2") && refused.err().contains("did you mean `target`?"),
                refused.err());
        assertFalse(ReadCommitted.values(TestServices.bootstrapServers(), upstream.prefix + "commands").toString()
                .contains("cli-good"), "all or none");
    }

    @Test
    void commandsAreSentFromAFileAndFromStandardInput() throws Exception {
        Path file = Files.writeString(directory.resolve("create-and-pause.jsonl"), """
                {"id":"cli-file-1","type":"create","image":"%s","name":"cli-file","pull_policy":"never",\
                "network_mode":"none"}
                {"id":"cli-file-2","type":"pause","target":"cli-file"}
                """.formatted(IMAGE));
        List<JsonNode> results = run("send", "-f", file.toString(), "--wait", "--output", "json").with(0).out().lines()
                .map(CliIT::read).toList();
        assertEquals(Set.of("cli-file-1 succeeded", "cli-file-2 succeeded"), results.stream()
                .map(result -> result.path("command_id").asText() + " " + result.path("status").asText())
                .collect(Collectors.toSet()));
        assertEquals("paused", Upstream.docker("inspect", "-f", "{{.State.Status}}", "cli-file"));

        Ended piped = runReading("[{\"id\":\"cli-stdin-1\",\"type\":\"unpause\",\"target\":\"cli-file\"},"
                + "{\"id\":\"cli-stdin-2\",\"type\":\"remove\",\"target\":\"cli-file\"}]", "send", "-").with(0);
        assertEquals("cli-stdin-1\ncli-stdin-2\n", piped.out());
        assertEquals("succeeded", upstream.result("cli-stdin-1").path("status").asText());
        assertEquals("succeeded", upstream.result("cli-stdin-2").path("status").asText());
        assertEquals("", Upstream.docker("ps", "-aq", "--filter", "name=cli-file"));
    }

    @Test
    void deadLettersAreListedShownAndReplayedUnderANewId() throws Exception {
        upstream.send("k", "not a command");
        upstream.send("k", "{\"id\":\"cli-spent\",\"type\":\"stop\",\"image\":\"no-such\"}");
        upstream.send("k", "{\"id\":\"cli-spent\",\"type\":\"start\",\"image\":\"no-such\"}");
        JsonNode letters = Awaitility.await().atMost(PATIENCE)
                .until(() -> run("dlq", "list", "--output", "json").with(0).json(), all -> all.size() == 2);
        String garbage = letter(letters, "NOT_JSON");
        String spent = letter(letters, "ID_REUSED");
        Ended shown = run("dlq", "show", garbage).with(0);
        assertTrue(shown.out().contains("dockworker_error_code: NOT_JSON") && shown.out().endsWith("not a command\n"),
                shown.out());
        assertEquals(1, run("dlq", "replay", garbage).code(), "it would be refused again");

        JsonNode replayed = run("dlq", "replay", spent, "--output", "json").with(0).json();
        assertEquals("cli-spent", replayed.path("old_id").asText());
        JsonNode result = upstream.result(replayed.path("command_id").asText());
        assertEquals(List.of("start", "succeeded"),
                List.of(result.path("type").asText(), result.path("status").asText()));
        assertTrue(run("send", "stop", "id=cli-spent", "image=another", "--wait").with(1).out()
                .contains("ID_REUSED"));
    }

    private static String letter(JsonNode letters, String code) {
        for (JsonNode one : letters) {
            if (one.path("code").asText().equals(code)) {
                return one.path("letter").asText();
            }
        }
        throw new AssertionError(code + " is not among " + letters);
    }

    @Test
    void topicsAreComparedAndMended() throws Exception {
        String prefix = "--topic-prefix=cli-topics.";
        assertTrue(run("topics", "diff", prefix).with(1).out().contains("cli-topics.commands.dlq"));
        run("topics", "apply", prefix, "--topic-replication-factor=1").with(0);
        Awaitility.await().atMost(PATIENCE).until(() -> run("topics", "diff", prefix).code() == 0);
        assertEquals(69, run("topics", "diff", prefix, "--kafka-security-protocol=SSL").code(),
                "this broker speaks no TLS");
    }

    @Test
    void theDoctorAndTheSettingsSayHowThingsStand() throws Exception {
        JsonNode findings = run("doctor", "--output", "json").with(0).json();
        List<String> checks = findings.findValuesAsText("check");
        for (String check : List.of("docker", "cgroups", "disk", "postgres", "clock", "worker", "kafka", "topics",
                "lock")) {
            assertTrue(checks.contains(check), findings::toString);
        }
        Ended config = run("config", "--format", "env").with(0);
        assertTrue(config.out().contains("TOPIC_PREFIX=cli-it.\n"), config.out());
        assertTrue(config.out().contains("KAFKA_BOOTSTRAP_SERVERS=" + TestServices.bootstrapServers() + "\n"),
                config.out());
    }

    @Test
    void theMonitorSamplesWhereNoWorkerDoes() throws Exception {
        Upstream.docker("run", "-d", "--name", "cli-monitored", "--network", "none", "--label", "managed-by=" + IMAGE,
                IMAGE);
        Ended refused = run("health-monitor").with(78);
        assertTrue(refused.err().contains("a worker samples this engine already"), refused.err());

        worker.close();
        int before = samples();
        Process monitor = begin("health-monitor", "--health-interval-seconds=1", "--host-id=cli-it");
        try {
            Awaitility.await().atMost(PATIENCE).until(() -> samples() > before + 1);
            Ended second = run("health-monitor", "--health-interval-seconds=1", "--host-id=cli-it").with(78);
            assertTrue(second.err().contains("sampled by a live health-monitor"), second.err());
        } finally {
            monitor.destroy();
        }
        assertTrue(monitor.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS));
        assertEquals(0, monitor.exitValue());
        worker = startWorker();
    }

    private static int samples() {
        return (int) upstream.values("health").stream()
                .filter(sample -> sample.path("name").asText().equals("cli-monitored")).count();
    }

    /** Starts a verb in a directory where `up` seems to run, with a topic prefix in the environment. */
    private static Process begin(String... arguments) throws IOException {
        return begin(directory.resolve("err"), arguments);
    }

    private static Process begin(Path err, String... arguments) throws IOException {
        return MainProcess.start(directory, err, environment(), arguments);
    }

    private static Map<String, String> environment() {
        return Map.of("TOPIC_PREFIX", upstream.prefix, "LOCK_DIR", directory.resolve("lock").toString());
    }

    private static Ended run(String... arguments) throws IOException, InterruptedException {
        return runReading("", arguments);
    }

    private static Ended runReading(String input, String... arguments) throws IOException, InterruptedException {
        Path err = Files.createTempFile(directory, "err", "");
        Process process = begin(err, arguments);
        try (var in = process.outputWriter(StandardCharsets.UTF_8)) {
            in.write(input);
        }
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS));
        return new Ended(process.exitValue(), out, Files.readString(err));
    }

    private static JsonNode read(String json) {
        try {
            return JSON.readTree(json);
        } catch (IOException e) {
            throw new AssertionError(json, e);
        }
    }
}
