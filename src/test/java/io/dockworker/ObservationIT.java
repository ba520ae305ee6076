package io.dockworker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.dockworker.postgres.Database;
import io.dockworker.postgres.PostgresAddress;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a worker tells of containers that change by themselves, or with Docker used directly: real services. */
final class ObservationIT {
    private static final String IMAGE = "dockworker-observation-it:1";
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    private static Path directory;
    private static TestImage image;
    private static Way way;
    private static Upstream upstream;
    private static Database database;
    private static Worker worker;

    @BeforeAll
    static void start() throws Exception {
        image = new TestImage(IMAGE);
        Path socket = directory.resolve("docker.sock");
        way = Way.at(socket, Way.localEngine());
        upstream = new Upstream("observation-it.");
        List<String> flags = new ArrayList<>(upstream.flags(directory, "observation-it"));
        flags.add("--docker-host=unix://" + socket);
        worker = Upstream.worker(flags);
        database = new Database(PostgresAddress.parse(upstream.postgresUrl), new SimpleMeterRegistry());
    }

    @AfterAll
    static void stop() throws Exception {
        database.close();
        worker.close();
        way.close();
        upstream.close();
        image.close();
    }

    @AfterEach
    void removeAll() throws Exception {
        way.mend();
        List<String> ids = Upstream.docker("ps", "-aq", "--filter", "label=managed-by=" + IMAGE).lines().toList();
        if (!ids.isEmpty()) {
            docker("rm -f", ids);
        }
    }

    @Test
    void whatIsDoneWithDockerDirectlyIsToldAndTheFirstSampleComesSoon() throws Exception {
        String id = run("direct", "--network none");
        JsonNode sample = Awaitility.await().atMost(PATIENCE).until(() -> upstream.values("health").stream()
                .filter(one -> one.path("container_id").asText().equals(id)).findFirst(), Optional::isPresent)
                .orElseThrow();
        Instant started = Instant.parse(Upstream.docker("inspect", "-f", "{{.State.StartedAt}}", "direct"));
        Instant sampled = Instant.parse(sample.path("sampled_at").asText());
        assertTrue(sampled.isBefore(started.plusSeconds(10)), () -> started + " " + sampled);
        docker("pause direct");
        docker("unpause direct");
        docker("update --memory 64m --memory-swap 64m direct");
        docker("rename direct direct-2");
        docker("kill -s WINCH direct-2");
        docker("stop direct-2");
        docker("start direct-2");
        docker("rm -f direct-2");
        until(id, "remove external");
        assertTold(id, "adopted external", "create external", "start external", "pause external", "unpause external",
                "update external", "rename external", "kill external", "kill external", "die external",
                "stop external", "start external", "kill external", "die external", "remove external");
        assertEquals(Map.of("old_name", "direct"), until(id, "rename external").attributes());
        assertEquals(Map.of("signal", "SIGWINCH"), until(id, "kill external").attributes());
        awaitTombstone(id);
    }

    @Test
    void commandsAreToldOnceAndFollowARename() throws Exception {
        upstream.send("mine",
                """
                        {"id":"mine-1","type":"create","image":"%s","name":"mine","pull_policy":"never","network_mode":"none"}"""
                        .formatted(IMAGE));
        String id = succeeded("mine-1").path("containers").path(0).path("id").asText();
        int number = 2;
        for (String command : List.of("\"pause\"", "\"unpause\"", "\"restart\"",
                "\"update\",\"resources\":{\"memory_limit\":\"64m\"}", "\"kill\",\"signal\":\"SIGWINCH\"", "\"stop\"",
                "\"start\"")) {
            upstream.send("mine", "{\"id\":\"mine-%d\",\"type\":%s,\"target\":\"mine\"}".formatted(number, command));
            succeeded("mine-" + number++);
        }
        // The record of a command covers a second after it.
        Thread.sleep(Duration.ofMillis(1_500));
        docker("rename mine yours");
        Awaitility.await().atMost(PATIENCE).until(() -> events(id).contains("rename external"));
        upstream.send("mine", "{\"id\":\"mine-9\",\"type\":\"remove\",\"target\":\"yours\"}");
        succeeded("mine-9");
        // Something that comes after it through the same stream.
        until(run("after", "--network none"), "start external");
        assertTold(id, "create command", "start command", "pause command", "unpause command", "stop command",
                "start command", "restart command", "update command", "kill command", "stop command", "start command",
                "rename external", "remove command");
        // Also of the one that the restart started again at once.
        assertTrue(of(id).stream().filter(told -> told.what().equals("stop command"))
                .allMatch(told -> told.exitCode() >= 0), () -> of(id).toString());
        awaitTombstone(id);
    }

    @Test
    void whatHappensByItselfHasItsCause() throws Exception {
        String loop = run("loop", "--network none --restart on-failure:5 --entrypoint /bin/sh", "-c", "exit 3");
        String greedy = run("greedy", "--network none -m 8m --memory-swap 8m --entrypoint /bin/sh", "-c",
                // Not at once: the engine misses a kill in the first moments of a container.
                "sleep 1; x=aaaaaaaa; while true; do x=$x$x; done");
        String sick = run("sick", "--network none --health-cmd false --health-interval 1s --health-retries 1");
        until(greedy, "oom self");
        assertEquals(Map.of("oom_killed", "true"), until(greedy, "die self").attributes());
        assertEquals(Map.of("health", "unhealthy"), until(sick, "health_status self").attributes());
        until(loop, "crash_loop self");
        Awaitility.await().atMost(PATIENCE).until(() -> Collections.frequency(events(loop), "die self") == 6);
        assertEquals(5, Collections.frequency(events(loop), "start self"), () -> events(loop).toString());
        assertEquals(1, Collections.frequency(events(loop), "start external"), () -> events(loop).toString());
        assertEquals(1, Collections.frequency(events(loop), "crash_loop self"));
        assertEquals(3, until(loop, "die self").exitCode());
    }

    @Test
    void anEndIsToldEvenIfACommandRemovesTheContainerAtOnce() throws Exception {
        Instant since = Instant.now();
        for (int i = 1; i <= 5; i++) {
            upstream.send("brief-" + i, """
                    {"id":"brief-%1$d","type":"create","image":"%2$s","name":"brief-%1$d","pull_policy":"never",
                     "network_mode":"none","entrypoint":["sh","-c","exit 7"]}""".formatted(i, IMAGE));
            upstream.send("brief-" + i, """
                    {"id":"brief-rm-%1$d","type":"remove","target":"brief-%1$d"}""".formatted(i));
        }
        for (int i = 1; i <= 5; i++) {
            succeeded("brief-rm-" + i);
        }
        // Of those, the removal may have killed one that had only just begun.
        List<String> said = Upstream.docker("events", "--since", since.toString(), "--until", Instant.now().toString(),
                "--filter", "label=managed-by=" + IMAGE, "--format",
                "{{.ID}} {{.Action}} {{.Actor.Attributes.exitCode}}").lines().toList();
        List<String> ended = said.stream().filter(line -> line.endsWith(" die 7")).map(line -> line.substring(0, 64))
                .filter(id -> said.stream().noneMatch(line -> line.startsWith(id + " kill"))).toList();
        assertFalse(ended.isEmpty(), said::toString);
        for (String id : ended) {
            assertEquals(7, until(id, "die self").exitCode());
        }
    }

    @Test
    void anEndIsToldEvenIfTheNextCommandStartsTheContainerAtOnce() throws Exception {
        upstream.send("again",
                """
                        {"id":"again-0","type":"create","image":"%s","name":"again","pull_policy":"never","network_mode":"none"}"""
                        .formatted(IMAGE));
        String id = succeeded("again-0").path("containers").path(0).path("id").asText();
        for (int i = 1; i <= 5; i++) {
            upstream.send("again", "{\"id\":\"again-kill-%d\",\"type\":\"kill\",\"target\":\"again\"}".formatted(i));
            upstream.send("again", "{\"id\":\"again-start-%d\",\"type\":\"start\",\"target\":\"again\"}".formatted(i));
        }
        for (int i = 1; i <= 5; i++) {
            succeeded("again-kill-" + i);
            succeeded("again-start-" + i);
        }
        until(run("after-again", "--network none"), "start external");
        assertEquals(5, Collections.frequency(events(id), "die command"), () -> of(id).toString());
        assertEquals(137, until(id, "die command").exitCode());
    }

    @Test
    void relistsMendWhatAStreamMissedThatWasCutForAMinuteAndNothingIsToldTwice() throws Exception {
        List<String> churned = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            churned.add(run("churn-" + i, "--network none -p 80"));
        }
        String stopped = run("stopped", "--network none");
        String died = run("died", "--network none --entrypoint /bin/sh", "-c",
                "until test -e /end; do sleep 0.2; done; exit 3");
        String changed = run("changed", "--network none");
        String removed = run("removed", "--network none");
        for (String id : List.of(stopped, died, changed, removed, churned.getLast())) {
            until(id, "start external");
        }
        way.cutStream();
        long cutAt = System.nanoTime();
        docker("stop stopped");
        docker("exec died touch /end");
        docker("pause changed");
        docker("rename changed changed-2");
        docker("update --memory 64m --memory-swap 64m changed-2");
        docker("rm -f removed");
        String added = run("added", "--network none");
        until(stopped, "die self");
        assertEquals(3, until(died, "die self").exitCode());
        until(changed, "pause external");
        until(removed, "vanished external");
        until(added, "start external");
        awaitTombstone(removed);
        // A look between two changes has told of each, and more than the latest is announced in the end.
        docker("unpause changed-2");
        docker("rename changed-2 changed");
        until(changed, "unpause external");
        churn();
        assertStateEqualsTheEngine();
        Thread.sleep(Duration.ofSeconds(61).minusNanos(System.nanoTime() - cutAt));
        way.mend();
        // The engine tells now what it told nobody then; only what nobody could know before is news.
        until(stopped, "stop external");
        docker("start churn-0 churn-x");
        docker("pause churn-x");
        // Something that comes after all of it through the same stream.
        until(run("after", "--network none"), "start external");
        assertTold(stopped, "adopted external", "create external", "start external", "kill external", "die self",
                "stop external");
        assertTold(died, "adopted external", "create external", "start external", "die self");
        assertTold(changed, "adopted external", "create external", "start external", "pause external",
                "rename external", "update external", "unpause external", "rename external");
        assertTold(removed, "adopted external", "create external", "start external", "vanished external",
                "kill external", "die external");
        assertTold(added, "adopted external", "create external", "start external");
        awaitTombstone(churned.getLast());
        assertStateEqualsTheEngine();
    }

    private static void churn() throws Exception {
        docker("stop churn-0 churn-1");
        docker("pause churn-2");
        docker("start churn-1");
        docker("rename churn-0 churn-x");
        docker("rename churn-1 churn-0");
        docker("update --cpus 0.5 churn-2");
        docker("unpause churn-2");
        docker("rm -f churn-3");
        docker("restart churn-2");
        docker("kill churn-0");
    }

    @Test
    void anEngineThatWasAwayIsComparedWhenItIsBack() throws Exception {
        String stays = run("stays", "--network none");
        String goes = run("goes", "--network none");
        until(stays, "start external");
        until(goes, "start external");
        way.cut();
        docker("restart stays");
        docker("kill goes");
        way.mend();
        Awaitility.await().atMost(PATIENCE).until(() -> events(goes).stream().anyMatch(told -> told.startsWith("die")));
        Awaitility.await().atMost(PATIENCE)
                .until(() -> Collections.frequency(events(stays), "start external") == 2);
        assertStateEqualsTheEngine();
    }

    /** As Docker 20.10 for half a minute where a container is paused in the middle of its healthcheck. */
    @Test
    void aContainerThatTheEngineSaysNothingOfDoesNotHoldUpTheOthers() throws Exception {
        String mute = run("mute", "--network none");
        until(mute, "start external");
        way.mute("/containers/" + mute + "/json");
        docker("stop mute");
        String other = run("other", "--network none");
        until(other, "start external");
        docker("rm -f other");
        until(other, "remove external");
        awaitTombstone(other);
        assertFalse(events(mute).contains("stop external"), () -> events(mute).toString());
        way.mend();
        until(mute, "stop external");
        assertStateEqualsTheEngine();
    }

    @Test
    void aThousandEventsAtOnceAreAllTold() throws Exception {
        List<String> names = List.of("burst-1", "burst-2", "burst-3", "burst-4", "burst-5");
        List<String> ids = new ArrayList<>();
        for (String name : names) {
            ids.add(run(name, "--network none"));
        }
        for (String id : ids) {
            until(id, "start external");
        }
        List<String> crowd = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            crowd.addAll(names);
        }
        for (int i = 0; i < 5; i++) {
            docker("kill -s WINCH", crowd);
        }
        Awaitility.await().atMost(PATIENCE).untilAsserted(() -> assertEquals(1_000,
                ids.stream().mapToInt(id -> Collections.frequency(events(id), "kill external")).sum()));
        Awaitility.await().atMost(PATIENCE).until(() -> upstream.values("events").stream()
                .filter(event -> event.path("attributes").path("signal").asText().equals("SIGWINCH")
                        && ids.contains(event.path("container_id").asText()))
                .count() == 1_000);
    }

    /** Waits until the last state of each container is what the engine shows, and no other container has one. */
    private static void assertStateEqualsTheEngine() throws Exception {
        String[] ids = Upstream.docker("ps", "-aq", "--no-trunc", "--filter", "label=managed-by=" + IMAGE).split("\\s");
        JsonNode seen = new ObjectMapper().readTree(Upstream.docker(
                Stream.concat(Stream.of("inspect"), Arrays.stream(ids)).toArray(String[]::new)));
        Awaitility.await().atMost(PATIENCE).untilAsserted(() -> {
            Map<String, Optional<JsonNode>> states = upstream.latest("state");
            for (JsonNode container : seen) {
                JsonNode state = states.getOrDefault(container.path("Id").asText(), Optional.empty())
                        .orElseGet(MissingNode::getInstance);
                assertFalse(state.isMissingNode(), () -> "no state of " + container.path("Name").asText());
                assertEquals(facts(container.path("Name").asText().substring(1),
                        container.at("/State/Status").asText(), container.at("/State/StartedAt").asText(),
                        container.at("/State/FinishedAt").asText(),
                        container.at("/HostConfig/NanoCpus").asDouble() / 1e9),
                        facts(state.path("name").asText(), state.path("state").asText(),
                                state.path("started_at").asText(), state.path("finished_at").asText(),
                                state.path("cpu_limit_cores").asDouble()));
            }
            List<String> others = states.keySet().stream().filter(id -> states.get(id).isPresent())
                    .filter(id -> !List.of(ids).contains(id)).toList();
            assertEquals(List.of(), others.stream().map(id -> id + events(id)).toList());
        });
    }

    private static List<Object> facts(String name, String status, String startedAt, String finishedAt, double cores) {
        return List.of(name, status, Instant.parse(startedAt),
                finishedAt.equals("null") || finishedAt.startsWith("0001") ? "never" : Instant.parse(finishedAt),
                cores);
    }

    private static void awaitTombstone(String id) {
        Awaitility.await().atMost(PATIENCE).until(() -> Optional.empty().equals(upstream.latest("state").get(id)));
    }

    /** Runs a container of our label with Docker directly. */
    private static String run(String name, String options, String... command) throws Exception {
        List<String> words = new ArrayList<>(List.of("run", "-d", "--name", name, "--label", "managed-by=" + IMAGE));
        words.addAll(List.of(options.split(" ")));
        words.add(IMAGE);
        words.addAll(List.of(command));
        return Upstream.docker(words.toArray(String[]::new));
    }

    private static void docker(String words) throws Exception {
        docker(words, List.of());
    }

    private static void docker(String words, List<String> more) throws Exception {
        Upstream.docker(Stream.concat(Stream.of(words.split(" ")), more.stream()).toArray(String[]::new));
    }

    private static JsonNode succeeded(String id) {
        JsonNode result = upstream.result(id);
        assertEquals("succeeded", result.path("status").asText(), result::toString);
        return result;
    }

    /** An event on record. */
    private record Told(String what, int exitCode, Map<?, ?> attributes) {}

    private static List<Told> of(String id) {
        return database.jdbi().withHandle(handle -> handle.createQuery("""
                select type || ' ' || cause, coalesce(exit_code, -1), attributes::text from events
                where container_id = :id order by at""").bind("id", id)
                .map((row, _) -> new Told(row.getString(1), row.getInt(2), attributes(row.getString(3)))).list());
    }

    private static Map<?, ?> attributes(String json) {
        try {
            return new ObjectMapper().readValue(json, Map.class);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(json, e);
        }
    }

    /** All of a container so far, each as its type and its cause. */
    private static List<String> events(String id) {
        return of(id).stream().map(Told::what).toList();
    }

    private static void assertTold(String id, String... events) {
        // A process may end before its signal is announced, so the order of these two is the engine's.
        assertEquals(Stream.of(events).sorted().toList(), events(id).stream().sorted().toList());
    }

    /** Waits for the first of this type and cause. */
    private static Told until(String id, String event) {
        Awaitility.await().atMost(PATIENCE)
                .untilAsserted(() -> assertTrue(events(id).contains(event), () -> event + " of " + events(id)));
        return of(id).stream().filter(told -> told.what().equals(event)).findFirst().orElseThrow();
    }
}
