package io.dockworker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.dockworker.docker.DockerConnection;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/** Sends the commands of lives, and holds what is told of them against each other and against the engine. */
record Account(Upstream upstream, DockerConnection engine) {
    /** More than any call waits for its answer: what has no result by then has none to come. */
    static final Duration GIVEN_UP = Duration.ofMinutes(4);

    /** A publisher that has lost sight of every broker waits with the next record until it sees one again. */
    CompletableFuture<Void> send(Life life) {
        return CompletableFuture.runAsync(() -> life.commands().stream()
                .map(command -> upstream.begin(life.first, Map.of(), command)).toList()
                .forEach(CompletableFuture::join), task -> Thread.ofVirtual().start(task));
    }

    static Set<String> ids(List<Life> lives) {
        return lives.stream().flatMap(life -> life.ids.stream()).collect(Collectors.toSet());
    }

    /** Of these so far, by command; a second one of a command is found at the end. */
    Map<String, JsonNode> results(List<Life> lives) {
        Set<String> ids = ids(lives);
        return upstream.values("results").stream().filter(result -> ids.contains(result.path("command_id").asText()))
                .collect(Collectors.toMap(result -> result.path("command_id").asText(), result -> result,
                        (first, _) -> first));
    }

    void awaitResults(List<Life> lives) {
        Awaitility.await().pollInterval(Duration.ofMillis(100)).atMost(GIVEN_UP)
                .untilAsserted(() -> assertEquals(ids(lives), results(lives).keySet()));
    }

    static boolean isDone(JsonNode result) {
        return result.path("status").asText().equals("succeeded") && result.path("changed").asBoolean();
    }

    /** To most it does not happen that they are in doubt; but to all that start in the moment in which an engine dies. */
    void assertMostAreDone(List<Life> lives) {
        Map<String, JsonNode> results = results(lives);
        assertTrue(results.values().stream().filter(Account::isDone).count() > results.size() / 2, results::toString);
    }

    /**
     * All that is told is so.
     *
     * @param inDoubt the engine was away: it may not know itself what it has begun, and a signal that may have been sent
     *                is not sent again. What follows on that can be anything, but for a second container
     */
    void assertTold(List<Life> lives, boolean inDoubt) throws Exception {
        Map<String, JsonNode> results = results(lives);
        Map<String, List<JsonNode>> containers = containers(ids(lives));
        for (Life life : lives) {
            List<JsonNode> made = containers.getOrDefault(life.ids.getFirst(), List.of());
            assertTrue(made.size() <= 1, made::toString);
            List<JsonNode> failed = life.ids.stream().map(results::get).filter(result -> !isDone(result)).toList();
            if (failed.isEmpty()) {
                String shown = made.stream().map(one -> one.path("Name").asText() + " "
                        + one.at("/State/Status").asText() + " " + one.at("/HostConfig/Memory").asText())
                        .collect(Collectors.joining());
                assertEquals(life.end(), shown, () -> life.commands().toString());
                for (JsonNode one : made) {
                    assertEquals(results.get(life.ids.getFirst()).at("/containers/0/id"), one.path("Id"));
                    assertTrue(docker("logs", one.path("Id").asText()).lines().count() <= life.starts(),
                            () -> "it ran more often than " + life.commands());
                }
            } else {
                String code = failed.getFirst().at("/error/code").asText();
                assertTrue(inDoubt && Set.of("OUTCOME_UNKNOWN", "ENGINE_ERROR").contains(code), failed::toString);
            }
        }
        assertEquals(List.of(), twice(upstream.values("results").stream()
                .map(result -> result.path("command_id").asText())));
        assertEquals(List.of(),
                twice(upstream.values("events").stream().filter(event -> event.path("command_id").isTextual())
                        .map(event -> event.path("command_id").asText() + " " + event.path("type").asText())),
                () -> upstream.values("events").toString());
        for (List<JsonNode> all : containers.values()) {
            for (JsonNode one : all) {
                docker("rm", "-f", one.path("Id").asText());
            }
        }
    }

    private static List<String> twice(Stream<String> all) {
        return all.collect(Collectors.groupingBy(one -> one, Collectors.counting())).entrySet().stream()
                .filter(one -> one.getValue() > 1).map(Map.Entry::getKey).toList();
    }

    /** What the engine has, by the command that made it. */
    private Map<String, List<JsonNode>> containers(Set<String> commands) throws IOException, InterruptedException {
        Map<String, List<JsonNode>> containers = new HashMap<>();
        for (String id : docker("ps", "-aq", "--filter", "label=io.dockworker.command-id").lines().toList()) {
            JsonNode one = new ObjectMapper().readTree(docker("inspect", id)).path(0);
            String command = one.at("/Config/Labels").path("io.dockworker.command-id").asText();
            if (commands.contains(command)) {
                containers.computeIfAbsent(command, _ -> new ArrayList<>()).add(one);
            }
        }
        return containers;
    }

    private String docker(String... words) throws IOException, InterruptedException {
        return Upstream.docker(Stream.concat(Stream.of("-H", engine.host().toString()), Stream.of(words))
                .toArray(String[]::new));
    }
}
