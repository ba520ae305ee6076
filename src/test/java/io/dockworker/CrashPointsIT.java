package io.dockworker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.dockworker.CrashCell.Fate;
import io.dockworker.CrashCell.Point;
import io.dockworker.EngineWay.Fault;
import io.dockworker.EngineWay.Request;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * A worker dies as by kill -9 at a point of the protocol, and one of its calls to the engine meets its fate; the next
 * worker makes it as if neither had been. One process dies for many commands, each of which has come to a point of its
 * own. Runs a sample of the cells, or with {@code -Ddockworker.crash-points=all} every one, or with a pattern
 * in place of {@code all} those whose names are like it.
 */
final class CrashPointsIT {
    private static final int AT_ONCE = 110;
    private static final int DEADLINE_SECONDS = 600;
    private static final Opened OPENED = new Opened();

    @TempDir
    private static Path directory;
    private static Stage stage;
    private static Worker living;
    private static CompletableFuture<Void> cleaning = CompletableFuture.completedFuture(null);

    @BeforeAll
    static void start() throws Exception {
        stage = OPENED.own(new Stage("crash-points-it", directory));
        OPENED.atTheEnd(() -> cleaning.join());
        OPENED.atTheEnd(() -> living.close());
        living = stage.worker();
    }

    @AfterAll
    static void stop() throws Exception {
        OPENED.close();
    }

    @TestFactory
    Stream<DynamicTest> aDeathLeavesNoTrace() throws Exception {
        long seed = Long.getLong("dockworker.seed", System.currentTimeMillis() % 1_000_000);
        Optional<String> wanted = Optional.ofNullable(System.getProperty("dockworker.crash-points"));
        List<CrashCell> cells = new ArrayList<>(wanted.map(CrashPointsIT::cells)
                .orElseGet(() -> CrashCell.sample(seed)));
        Collections.shuffle(cells, new Random(seed));
        System.out.println("crash points: " + cells.size() + " of " + CrashCell.all().size() + " cells with seed "
                + seed + "; repeat them with -Ddockworker.seed=" + seed
                + wanted.map(some -> " -Ddockworker.crash-points=" + some).orElse(""));
        int batches = Math.ceilDiv(cells.size(), AT_ONCE);
        List<List<CrashCell>> batch = IntStream.range(0, batches).mapToObj(i -> cells
                .subList(i * cells.size() / batches, (i + 1) * cells.size() / batches)).toList();
        give(batch.getFirst());
        return IntStream.range(0, batches).boxed()
                .flatMap(i -> tests(batch.get(i), i + 1 < batches ? batch.get(i + 1) : List.of()));
    }

    private static List<CrashCell> cells(String wanted) {
        return CrashCell.all().stream().filter(cell -> wanted.equals("all") || cell.name().matches(wanted)).toList();
    }

    /** @param next what is prepared meanwhile */
    private static Stream<DynamicTest> tests(List<CrashCell> cells, List<CrashCell> next) {
        try {
            Map<CrashCell, List<String>> faults = run(cells, next);
            return cells.stream().map(cell -> DynamicTest.dynamicTest(cell.name(),
                    () -> assertEquals(List.of(), faults.get(cell))));
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static void give(List<CrashCell> cells) throws Exception {
        for (CrashCell cell : cells) {
            stage.give(cell.scenario(), cell.name());
        }
    }

    /** @return what is wrong with each */
    private static Map<CrashCell, List<String>> run(List<CrashCell> cells, List<CrashCell> next) throws Exception {
        stage.awaitGiven(cells.stream().collect(Collectors.toMap(CrashCell::name, CrashCell::scenario)));
        living.close();
        int since = stage.way.forwarded().size();
        Process doomed = doomed(cells);
        for (CrashCell cell : cells) {
            befall(cell, doomed);
            stage.send(cell.scenario(), cell.name(), DEADLINE_SECONDS);
        }
        assertTrue(doomed.waitFor(Stage.LONG.toSeconds(), TimeUnit.SECONDS), () -> "not all came to their points: "
                + unreached(cells));
        assertEquals(137, doomed.exitValue(), () -> log());
        cleaning.join();
        living = stage.worker();
        give(next);
        stage.await(cells.stream().map(CrashCell::name).toList());
        stage.way.letGo();
        stage.barrier("behind-" + cells.getFirst().name());
        List<JsonNode> containers = Witness.containers(stage.image);
        Map<String, List<JsonNode>> results = stage.byCommand("results");
        Map<String, List<JsonNode>> events = stage.byCommand("events");
        Map<CrashCell, List<String>> faults = cells.stream().collect(Collectors.toMap(cell -> cell,
                cell -> audited(cell, new Audit(stage, cell.scenario(), cell.name(), since, results.get(cell.name()),
                        events.getOrDefault(cell.name(), List.of()), containers))));
        cleaning = CompletableFuture.runAsync(() -> clean(cells, containers), task -> Thread.ofVirtual().start(task));
        return faults;
    }

    private static List<String> audited(CrashCell cell, Audit audit) {
        try {
            boolean isKnown = cell.scenario() != Scenario.KILL
                    || (cell.point() == Point.COMPLETED && cell.fate() == Fate.ANSWERED);
            if (isKnown) {
                audit.succeeded();
                audit.same("attempts", cell.point() == Point.COMPLETED ? 1 : 2,
                        audit.result().path("attempts").asInt());
            } else {
                audit.unknown();
                audit.engine();
                audit.same("signals", cell.isCalledBefore() && cell.fate() != Fate.NOT_SENT ? 1L : 0L,
                        audit.done("kill"));
            }
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
        return audit.faults();
    }

    private static void clean(List<CrashCell> cells, List<JsonNode> containers) {
        Set<String> makers = cells.stream().flatMap(cell -> Stream.of(cell.name(), "given-" + cell.name()))
                .collect(Collectors.toSet());
        try {
            stage.remove(containers.stream().filter(one -> makers.stream().anyMatch(
                    maker -> Witness.isMadeBy(one, maker))).toList());
            for (CrashCell cell : cells) {
                if (cell.scenario() == Scenario.PULL) {
                    stage.removePulled(cell.name());
                }
            }
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void befall(CrashCell cell, Process doomed) {
        Predicate<Request> call = request -> stage.witness.is(request, cell.call(), cell.name());
        switch (cell.fate()) {
            case ANSWERED -> {
            }
            case NOT_SENT -> stage.way.once(call, new Fault.Drop());
            case ANSWER_LOST -> stage.way.once(call, new Fault.LoseAnswer());
            case LATE -> stage.way.once(call, new Fault.Late(request -> stage.witness.isLook(request, cell.name()),
                    () -> cell.point() != Point.AFTER_CALL || !doomed.isAlive()));
        }
    }

    /** A worker that dies when each command has come to its point. */
    private static Process doomed(List<CrashCell> cells) throws IOException {
        Path points = directory.resolve("points");
        Files.write(points, cells.stream().map(cell -> cell.name() + " " + cell.checkpoint()).toList());
        List<String> command = new ArrayList<>(List.of(System.getProperty("java.home") + "/bin/java",
                "--enable-native-access=ALL-UNNAMED", "-XX:TieredStopAtLevel=1", "-cp",
                System.getProperty("java.class.path"), HaltingWorker.class.getName(), points.toString()));
        command.addAll(stage.flags);
        Path log = directory.resolve("worker.log");
        Process process = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
        OPENED.atTheEnd(() -> process.destroyForcibly().waitFor());
        Awaitility.await("a worker that is ready").atMost(Stage.LONG)
                .until(() -> !process.isAlive() || Files.readString(log).contains("READY"));
        return process;
    }

    private static List<String> unreached(List<CrashCell> cells) {
        String log = log();
        return cells.stream().map(cell -> cell.name() + " " + cell.checkpoint())
                .filter(line -> !log.contains("REACHED " + line)).toList();
    }

    private static String log() {
        try {
            return Files.readString(directory.resolve("worker.log"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
