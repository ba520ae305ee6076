package io.dockworker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.dockworker.EngineWay.Fault;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * An engine, or a way to it, that answers late, byte by byte, never or wrongly: what a living worker then says is what the
 * engine has, and it has done nothing twice. Each kind of call meets two of the faults, or with
 * {@code -Ddockworker.crash-points=all} every one.
 */
@Tag("long")
final class FaultyCallsIT {
    private static final boolean ALL = System.getProperty("dockworker.crash-points", "").equals("all");
    /** Less than any call waits for its answer, but for that of a stop in the long run. */
    private static final Duration LATE = Duration.ofSeconds(ALL ? 40 : 5);
    /** What has no answer then will have none. */
    private static final int DEADLINE_SECONDS = 30;
    private static final Opened OPENED = new Opened();

    @TempDir
    private static Path directory;
    private static Stage stage;

    private enum Kind {
        DELAYED, TRICKLED, UNANSWERED, SWALLOWED, CONFLICT, ERROR;

        Fault fault() {
            return switch (this) {
                case DELAYED -> new Fault.Delay(LATE);
                case TRICKLED -> new Fault.Trickle(Duration.ofMillis(5));
                case UNANSWERED -> new Fault.Hang(true);
                case SWALLOWED -> new Fault.Hang(false);
                case CONFLICT -> new Fault.Answer(409, "as the test wishes");
                case ERROR -> new Fault.Answer(500, "as the test wishes");
            };
        }
    }

    private record Cell(Scenario scenario, String call, Kind kind) {
        String name() {
            return (scenario + "." + call + "." + kind).toLowerCase(Locale.ROOT).replace('_', '-');
        }

        boolean isHanging() {
            return kind == Kind.UNANSWERED || kind == Kind.SWALLOWED;
        }

        /** Where nothing depends on when a deadline passes. */
        String expected() {
            return switch (kind) {
                case DELAYED, TRICKLED, UNANSWERED, SWALLOWED -> "succeeded";
                // Of a name it is the engine's last word; of all else it tells that the engine is at work.
                case CONFLICT -> scenario == Scenario.RENAME || scenario == Scenario.PULL ? "failed" : "succeeded";
                case ERROR -> switch (scenario) {
                    case KILL -> "unknown";
                    // With the old container gone there is nothing to go back to: it is asked again.
                    case REPLACE -> call.equals("rename") ? "succeeded" : "failed";
                    case CREATE, CREATE_JOB, START, START_JOB, STOP, REMOVE, RESTART, PAUSE, UNPAUSE, KILL_IDEMPOTENT,
                            UPDATE, RENAME,
                            PULL ->
                        "failed";
                };
            };
        }
    }

    @BeforeAll
    static void start() throws Exception {
        stage = OPENED.own(new Stage("faulty-calls-it", directory));
        OPENED.own(stage.worker());
    }

    @AfterAll
    static void stop() throws Exception {
        OPENED.close();
    }

    @TestFactory
    Stream<DynamicTest> whatIsSaidIsWhatTheEngineHas() throws Exception {
        List<Cell> cells = cells();
        for (Cell cell : cells) {
            stage.give(cell.scenario(), cell.name());
        }
        stage.awaitGiven(cells.stream().collect(Collectors.toMap(Cell::name, Cell::scenario)));
        int since = stage.way.forwarded().size();
        for (Cell cell : cells) {
            stage.way.once(request -> stage.witness.is(request, cell.call(), cell.name()), cell.kind().fault());
            stage.send(cell.scenario(), cell.name(), cell.isHanging() ? DEADLINE_SECONDS : 600);
        }
        stage.await(cells.stream().map(Cell::name).toList());
        stage.barrier("behind-all");
        List<JsonNode> containers = Witness.containers(stage.image);
        Map<String, List<JsonNode>> results = stage.byCommand("results");
        Map<String, List<JsonNode>> events = stage.byCommand("events");
        return cells.stream().map(cell -> DynamicTest.dynamicTest(cell.name(),
                () -> assertEquals(List.of(), audited(cell, new Audit(stage, cell.scenario(), cell.name(), since,
                        results.get(cell.name()), events.getOrDefault(cell.name(), List.of()), containers)))));
    }

    private static List<Cell> cells() {
        long seed = Long.getLong("dockworker.seed", System.currentTimeMillis() % 1_000_000);
        var random = new Random(seed);
        List<Cell> cells = new ArrayList<>();
        List<Kind> kinds = new ArrayList<>();
        for (Scenario scenario : Scenario.values()) {
            for (String call : scenario.calls) {
                for (int i = 0; i < (ALL ? Kind.values().length : 2); i++) {
                    // Dealt like cards: none comes again before all have come.
                    if (kinds.isEmpty()) {
                        kinds.addAll(Arrays.asList(Kind.values()));
                        Collections.shuffle(kinds, random);
                    }
                    cells.add(new Cell(scenario, call, kinds.removeLast()));
                }
            }
        }
        System.out.println("faulty calls: " + cells.size() + "; repeat them with -Ddockworker.seed=" + seed);
        return cells;
    }

    private static List<String> audited(Cell cell, Audit audit) throws IOException, InterruptedException {
        String status = audit.status();
        if (!cell.isHanging()) {
            audit.same("status", cell.expected(), status);
        }
        switch (status) {
            case "succeeded" -> audit.succeeded();
            case "unknown" -> {
                audit.unknown();
                audit.same("in doubt for no reason", true, cell.isHanging() || cell.scenario() == Scenario.KILL);
            }
            default -> failed(cell, audit);
        }
        if (cell.scenario() != Scenario.PULL && cell.scenario() != Scenario.REPLACE) {
            audit.same(cell.call() + " at most once", true, audit.done(cell.call()) <= 1);
        }
        return audit.faults();
    }

    /** The container is what it was before the call, and the result shows it as it is. */
    private static void failed(Cell cell, Audit audit) {
        audit.same("status", "failed", audit.status());
        if (cell.scenario() == Scenario.PULL) {
            return;
        }
        String code = audit.result().at("/error/code").asText();
        switch (cell.kind()) {
            case DELAYED, TRICKLED -> audit.same("failed for no reason", "", code);
            case UNANSWERED, SWALLOWED -> audit.same("code", "TIMEOUT", code);
            case CONFLICT -> audit.same("code", "NAME_CONFLICT", code);
            case ERROR -> audit.same("code", "ENGINE_ERROR", code);
        }
        if (cell.scenario() == Scenario.REPLACE) {
            audit.same("new containers", 0, audit.made().size());
        } else if (cell.kind() != Kind.UNANSWERED) {
            audit.same(cell.call(), 0L, audit.done(cell.call()));
        }
        List<JsonNode> left = cell.scenario() == Scenario.REPLACE || !cell.scenario().isMaking()
                ? audit.given()
                : audit.made();
        JsonNode shown = audit.result().at("/containers/0");
        audit.same("containers in the result", left.size(), shown.path("id").isTextual() ? 1 : 0);
        for (JsonNode one : left) {
            audit.same("id", one.path("Id").asText(), shown.path("id").asText());
            audit.same("state", one.at("/State/Status").asText(), shown.path("state").asText());
            audit.same("name", one.path("Name").asText(), "/" + shown.path("name").asText());
        }
    }

    /** The command line keeps its connections, takes them over for a session, and follows what does not end. */
    @Test
    void theWayTellsRequestsApartAndLetsSessionsThrough() throws Exception {
        String engine = "unix://" + directory.resolve("docker.sock");
        String id = Upstream.docker("-H", engine, "run", "-d", "--network", "none", "--name", "session", stage.image,
                "sh", "-c", "echo one; echo two; sleep 600");
        try {
            assertEquals("in\nside", Upstream.docker("-H", engine, "exec", "session", "sh", "-c",
                    "echo in; echo side"));
            assertEquals("one\ntwo", Upstream.docker("-H", engine, "logs", "session"));
            List<String> said = stage.witness.said("session", 0);
            assertTrue(said.containsAll(List.of("create 201", "start 204", "logs 200")), said::toString);
        } finally {
            Upstream.docker("rm", "-f", id);
        }
    }
}
