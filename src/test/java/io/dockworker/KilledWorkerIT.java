package io.dockworker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A worker dies as by kill -9 between two steps of the protocol; the next one makes it as if it had not. */
final class KilledWorkerIT {
    private static final String IMAGE = "dockworker-killed-it:1";
    private static final String HOST = "killed-it";
    private static TestImage image;
    private static Upstream upstream;

    private final Opened opened = new Opened();
    @TempDir
    private Path directory;

    @BeforeAll
    static void buildImage() throws Exception {
        image = new TestImage(IMAGE);
        upstream = new Upstream("killed-it.");
    }

    @AfterAll
    static void removeImage() throws Exception {
        upstream.close();
        image.close();
    }

    @AfterEach
    void endWorkers() throws Exception {
        opened.close();
        String left = Upstream.docker("ps", "-aq", "--filter", "label=managed-by=" + IMAGE);
        for (String id : left.lines().toList()) {
            Upstream.docker("rm", "-f", id);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"intent-committed:create", "after-call:create", "after-call:start",
            "before-completion:create", "completed:create"})
    void aCreateMakesOneContainerStartsItOnceAndHasOneResult(String point) throws Exception {
        String id = "killed-it-" + point.replace(':', '.');
        Process doomed = doomed(point);
        upstream.send("once", """
                {"id":"%1$s","type":"create","image":"%2$s","name":"%1$s","pull_policy":"never",
                 "network_mode":"none","command":["sh","-c","echo started; sleep 600"]}""".formatted(id, IMAGE));
        assertDies(doomed);
        successor();

        JsonNode result = upstream.result(id);

        assertEquals("succeeded", result.path("status").asText(), result::toString);
        String made = Upstream.docker("ps", "-aq", "--no-trunc", "--filter",
                "label=io.dockworker.command-id=" + id);
        assertEquals(result.path("containers").path(0).path("id").asText(), made);
        assertEquals("started", Upstream.docker("logs", made), "the container was started once");
        assertOneOfEach(id, List.of("create", "start"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"after-call:start"})
    void aJobThatHasEndedSinceIsNotStartedAgain(String point) throws Exception {
        Process doomed = doomed(point);
        upstream.send("job", """
                {"id":"job-1","type":"create","image":"%s","name":"killed-it-job","pull_policy":"never",
                 "network_mode":"none","command":["echo","done"]}""".formatted(IMAGE));
        assertDies(doomed);
        Awaitility.await().until(() -> Upstream.docker("inspect", "-f", "{{.State.Status}}", "killed-it-job")
                .equals("exited"));
        successor();

        assertEquals("succeeded", upstream.result("job-1").path("status").asText());
        assertEquals("done", Upstream.docker("logs", "killed-it-job"), "the job ran once");
    }

    @ParameterizedTest
    @ValueSource(strings = {"after-call:stop", "after-call:remove"})
    void whatWasDoneBeforeTheCrashIsNotDoneAgain(String point) throws Exception {
        String verb = point.substring(point.indexOf(':') + 1);
        Process doomed = doomed(point);
        upstream.send("then", """
                {"id":"before-%1$s","type":"create","image":"%2$s","name":"killed-it-%1$s","pull_policy":"never",
                 "network_mode":"none"}""".formatted(verb, IMAGE));
        assertEquals("succeeded", upstream.result("before-" + verb).path("status").asText());
        upstream.send("then", """
                {"id":"%1$s-2","type":"%1$s","target":"killed-it-%1$s"}""".formatted(verb));
        assertDies(doomed);
        successor();

        JsonNode result = upstream.result(verb + "-2");

        assertEquals("succeeded", result.path("status").asText(), result::toString);
        assertTrue(result.path("changed").asBoolean(), result::toString);
        assertEquals(2, result.path("attempts").asInt(), result::toString);
        assertOneOfEach(verb + "-2", List.of(verb));
    }

    @Test
    void aSignalThatMayHaveBeenSentIsNotSentAgain() throws Exception {
        Process doomed = doomed("after-call:kill");
        upstream.send("signal",
                """
                        {"id":"create-3","type":"create","image":"%s","name":"killed-it-signal","pull_policy":"never",
                         "network_mode":"none","command":["sh","-c","trap 'echo heard' USR1; echo ready; while :; do sleep 1; done"]}"""
                        .formatted(IMAGE));
        assertEquals("succeeded", upstream.result("create-3").path("status").asText());
        // What is signalled before it listens, dies of it.
        Awaitility.await().until(() -> Upstream.docker("logs", "killed-it-signal").equals("ready"));
        upstream.send("signal", """
                {"id":"kill-3","type":"kill","target":"killed-it-signal","signal":"USR1"}""");
        assertDies(doomed);
        successor();

        JsonNode result = upstream.result("kill-3");

        assertEquals(List.of("unknown", "OUTCOME_UNKNOWN"), List.of(result.path("status").asText(),
                result.at("/error/code").asText()), result::toString);
        assertOneOfEach("kill-3", List.of());
        // A signal is heard within a second.
        Awaitility.await().pollDelay(Duration.ofSeconds(3))
                .until(() -> Upstream.docker("logs", "killed-it-signal").equals("ready\nheard"));
    }

    private static void assertOneOfEach(String command, List<String> events) {
        // Results are published in the order of their commits: what follows this one's cannot come any more.
        upstream.send("after", "{\"id\":\"after-" + command + "\",\"type\":\"stop\",\"target\":\"nobody-there\"}");
        upstream.result("after-" + command);
        assertEquals(1, upstream.results(command).size(), "results of " + command);
        List<String> seen = upstream.values("events").stream()
                .filter(event -> event.path("command_id").asText().equals(command))
                .map(event -> event.path("type").asText()).toList();
        assertEquals(events, seen);
    }

    private static void assertDies(Process doomed) throws InterruptedException {
        assertTrue(doomed.waitFor(60, TimeUnit.SECONDS), "the worker reached its end");
        assertEquals(137, doomed.exitValue());
    }

    /** A worker in this process, where it starts sooner. */
    private void successor() throws Exception {
        opened.own(Upstream.worker(upstream.flags(directory, HOST)));
    }

    /** A worker that dies at this point. */
    private Process doomed(String point) throws IOException {
        List<String> command = new ArrayList<>(List.of(System.getProperty("java.home") + "/bin/java",
                "--enable-native-access=ALL-UNNAMED", "-XX:TieredStopAtLevel=1", "-cp",
                System.getProperty("java.class.path"), HaltingWorker.class.getName(), point));
        command.addAll(upstream.flags(directory, HOST));
        Path log = directory.resolve("worker.log");
        Process process = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
        opened.own(() -> process.destroyForcibly().waitFor());
        Awaitility.await("a worker that is ready").atMost(Duration.ofSeconds(60))
                .until(() -> !process.isAlive() || Files.readString(log).contains("READY"));
        return process;
    }
}
