package io.dockworker.observation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.dockworker.command.CommandId;
import io.dockworker.command.CommandType;
import io.dockworker.command.ContainerEvent;
import io.dockworker.command.ContainerId;
import io.dockworker.command.ContainerSnapshot;
import io.dockworker.command.ContainerState;
import io.dockworker.command.ContainerState.Health;
import io.dockworker.command.ContainerStatus;
import io.dockworker.command.HostId;
import io.dockworker.command.Limits;
import io.dockworker.journal.ManagedContainer;
import io.dockworker.journal.Observations.Execution;
import io.dockworker.journal.Observations.Past;
import io.dockworker.journal.Observations.Told;
import io.dockworker.observation.EngineEvents.Action;
import io.dockworker.observation.EngineEvents.Hint;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Which events follow from the record, the hints and the engine. Times are seconds; the engine is asked at 100. */
class StoryTest {
    private static final HostId HOST = new HostId("a");
    private static final ContainerId ID = new ContainerId("ab".repeat(32));
    private static final ContainerSnapshot UP = container(state(ContainerStatus.RUNNING, 10, -1, 0));
    private static final ContainerSnapshot DOWN = container(state(ContainerStatus.EXITED, 10, 50, 3));
    private static final ContainerSnapshot AGAIN = container(state(ContainerStatus.RUNNING, 60, 50, 0));
    private static final ContainerSnapshot NONE = null;
    /** What is told of a container that runs since 10. */
    private static final List<Told> BORN = List.of(told(ContainerEvent.Type.CREATE, 1),
            told(ContainerEvent.Type.START, 10));

    static Stream<Arguments> stories() {
        return Stream.of(
                arguments("nothing new", past(UP, BORN), UP, List.of(), ""),
                arguments("adopted", past(NONE, List.of()), UP, List.of(), "create@1 external, start@10 external"),
                arguments("adopted, heard of", past(NONE, List.of()), UP,
                        List.of(hint(Action.CREATE, 1.1), hint(Action.START, 10.1)),
                        "create@1 external, start@10 external"),
                arguments("it died", past(UP, BORN), DOWN, List.of(hint(Action.DIE, 50.1, "exitCode", "3")),
                        "die@50 self exit 3"),
                arguments("it died, unheard", past(UP, BORN), DOWN, List.of(), "die@50 self exit 3"),
                arguments("docker stop", past(UP, BORN), DOWN,
                        List.of(hint(Action.KILL, 49, "signal", "15"), hint(Action.DIE, 50.1),
                                hint(Action.STOP, 50.2)),
                        "kill@49 external {signal=SIGTERM}, die@50 external exit 3, stop@50 external exit 3"),
                arguments("its signal was announced late", past(UP, BORN), DOWN,
                        List.of(hint(Action.KILL, 50.05, "signal", "9"), hint(Action.DIE, 50.1)),
                        "die@50 external exit 3, kill@50.05 external {signal=SIGKILL}"),
                arguments("the stop is heard after the end", past(DOWN, BORN, told(ContainerEvent.Type.DIE, 50)), DOWN,
                        List.of(hint(Action.STOP, 50.2)), "stop@50 external exit 3"),
                arguments("an old reload is no reason to die", past(UP, BORN, told(ContainerEvent.Type.KILL, 11)),
                        container(state(ContainerStatus.EXITED, 10, 95, 3)), List.of(), "die@95 self exit 3"),
                arguments("stopped by a command",
                        by(past(DOWN, BORN, told(ContainerEvent.Type.STOP, 50)), CommandType.STOP, 49, 51),
                        DOWN, List.of(hint(Action.KILL, 49.5), hint(Action.DIE, 50.1), hint(Action.STOP, 50.2)), ""),
                arguments("killed by a command", by(past(UP, BORN), CommandType.KILL, 49, 51), DOWN,
                        List.of(hint(Action.KILL, 49.9), hint(Action.DIE, 50.1)), "die@50 command exit 3"),
                arguments("killed and started by commands", by(by(past(AGAIN, BORN, told(ContainerEvent.Type.KILL, 50),
                        told(ContainerEvent.Type.START, 60)), CommandType.KILL, 49, 51), CommandType.START, 59, 61),
                        AGAIN, List.of(hint(Action.KILL, 49.9), hint(Action.DIE, 50.1, "exitCode", "137"),
                                hint(Action.START, 60.1)),
                        "die@50 command exit 137"),
                arguments("it ended while a create was at work", by(past(DOWN, BORN), CommandType.CREATE, 0, 51), DOWN,
                        List.of(hint(Action.CREATE, 1.1), hint(Action.START, 10.1), hint(Action.DIE, 50.1)),
                        "die@50 self exit 3"),
                arguments("it ended, and the record knows already", past(DOWN, BORN), DOWN, List.of(),
                        "die@50 self exit 3"),
                arguments("restarted by policy", past(UP, BORN), restarts(AGAIN, 1),
                        List.of(hint(Action.DIE, 50.1, "exitCode", "3"), hint(Action.START, 60.1)),
                        "die@50 self exit 3, start@60 self"),
                arguments("restarted often", past(UP, BORN), restarts(AGAIN, 3),
                        List.of(hint(Action.DIE, 30.1, "exitCode", "7"), hint(Action.START, 31.1),
                                hint(Action.DIE, 50.1, "exitCode", "3"), hint(Action.START, 60.1)),
                        "die@30.1 self exit 7, start@31.1 self, die@50 self exit 3, start@60 self"),
                arguments("restarted by policy before it was looked at first", past(NONE, List.of()),
                        restarts(AGAIN, 1),
                        List.of(hint(Action.CREATE, 1.1), hint(Action.START, 10.1),
                                hint(Action.DIE, 50.1, "exitCode", "3"), hint(Action.START, 60.1)),
                        "create@1 external, start@10.1 external, die@50 self exit 3, start@60 self"),
                arguments("restarted by policy, unheard", past(UP, BORN), restarts(AGAIN, 1), List.of(),
                        "die@50 self, start@60 self"),
                arguments("an end before its start was announced", past(UP, BORN, told(ContainerEvent.Type.DIE, 49)),
                        container(state(ContainerStatus.EXITED, 60, 60.01, 3)),
                        List.of(hint(Action.START, 60.05), hint(Action.DIE, 60.1)),
                        "start@60 external, die@60.01 self exit 3"),
                arguments("docker restart", past(UP, BORN), AGAIN,
                        List.of(hint(Action.KILL, 49, "signal", "15"), hint(Action.DIE, 50.1, "exitCode", "3"),
                                hint(Action.STOP, 50.2), hint(Action.START, 60.1), hint(Action.RESTART, 60.2)),
                        "kill@49 external {signal=SIGTERM}, die@50 external exit 3, stop@50 external exit 3,"
                                + " start@60 external, restart@60 external"),
                arguments("out of memory", past(UP, BORN), oom(DOWN),
                        List.of(hint(Action.OOM, 49.9), hint(Action.DIE, 50.1)),
                        "oom@49.9 self, die@50 self exit 3 {oom_killed=true}"),
                arguments("out of memory, unheard", past(UP, BORN), oom(DOWN), List.of(),
                        "die@50 self exit 3 {oom_killed=true}, oom@50 self"),
                arguments("out of memory in its last run", past(oom(DOWN), BORN, told(ContainerEvent.Type.OOM, 49.9),
                        told(ContainerEvent.Type.DIE, 50)), oom(AGAIN), List.of(hint(Action.START, 60.1)),
                        "start@60 external"),
                arguments("out of memory, and ended much later by itself",
                        past(oom(UP), BORN, told(ContainerEvent.Type.OOM, 20)), oom(DOWN),
                        List.of(hint(Action.DIE, 50.1)), "die@50 self exit 3 {oom_killed=true}"),
                arguments("out of memory in its last run and, unheard, in this one",
                        past(oom(AGAIN), BORN, told(ContainerEvent.Type.OOM, 49.9), told(ContainerEvent.Type.DIE, 50),
                                told(ContainerEvent.Type.START, 60)),
                        oom(container(state(ContainerStatus.EXITED, 60, 80, 137))), List.of(),
                        "die@80 self exit 137 {oom_killed=true}, oom@80 self"),
                arguments("137 alone is not out of memory", past(UP, BORN),
                        container(state(ContainerStatus.EXITED, 10, 50, 137)), List.of(), "die@50 self exit 137"),
                arguments("paused", past(UP, BORN), status(UP, ContainerStatus.PAUSED),
                        List.of(hint(Action.PAUSE, 20)), "pause@20 external"),
                arguments("paused, unheard", past(UP, BORN), status(UP, ContainerStatus.PAUSED), List.of(),
                        "pause@100 external"),
                arguments("paused, heard late", past(status(UP, ContainerStatus.PAUSED), BORN),
                        status(UP, ContainerStatus.PAUSED), List.of(hint(Action.PAUSE, 20)), ""),
                arguments("paused and resumed", past(UP, BORN), UP,
                        List.of(hint(Action.PAUSE, 20), hint(Action.UNPAUSE, 21)),
                        "pause@20 external, unpause@21 external"),
                arguments("paused by a command", by(past(status(UP, ContainerStatus.PAUSED), BORN),
                        CommandType.PAUSE, 19, 20), status(UP, ContainerStatus.PAUSED),
                        List.of(hint(Action.PAUSE, 20.5)), ""),
                arguments("renamed", past(UP, BORN), UP.withName("new"),
                        List.of(hint(Action.RENAME, 20, "name", "new", "oldName", "/web")),
                        "rename@20 external {old_name=web}"),
                arguments("paused by two commands, the second not heard of yet",
                        by(by(past(status(UP, ContainerStatus.PAUSED), BORN, told(ContainerEvent.Type.PAUSE, 40),
                                told(ContainerEvent.Type.UNPAUSE, 45), told(ContainerEvent.Type.PAUSE, 50)),
                                CommandType.PAUSE, 39, 40), CommandType.PAUSE, 49, 50),
                        status(UP, ContainerStatus.PAUSED),
                        List.of(hint(Action.PAUSE, 39.9), hint(Action.UNPAUSE, 44.9)), ""),
                arguments("renamed by two commands, the second not heard of yet",
                        by(by(past(UP, BORN, told(ContainerEvent.Type.RENAME, 40),
                                told(ContainerEvent.Type.RENAME, 50)),
                                CommandType.RENAME, 39, 40), CommandType.RENAME, 49, 50),
                        UP, List.of(hint(Action.RENAME, 39.9, "name", "new", "oldName", "/web")), ""),
                arguments("renamed, unheard", past(UP, BORN), UP.withName("new"), List.of(),
                        "rename@100 external {old_name=web}"),
                arguments("updated", past(UP, BORN), limited(UP), List.of(hint(Action.UPDATE, 20)),
                        "update@20 external"),
                arguments("updated, unheard", past(UP, BORN), limited(UP), List.of(), "update@100 external"),
                arguments("paused and resumed, each told by a look before it was heard",
                        past(UP, BORN, told(ContainerEvent.Type.PAUSE, 25), told(ContainerEvent.Type.UNPAUSE, 35)), UP,
                        List.of(hint(Action.PAUSE, 20), hint(Action.UNPAUSE, 30)), ""),
                arguments("paused and resumed twice, the second time told by looks",
                        past(UP, BORN, told(ContainerEvent.Type.PAUSE, 45), told(ContainerEvent.Type.UNPAUSE, 55)), UP,
                        List.of(hint(Action.PAUSE, 20), hint(Action.UNPAUSE, 30), hint(Action.PAUSE, 40),
                                hint(Action.UNPAUSE, 50)),
                        "pause@20 external, unpause@30 external"),
                arguments("renamed twice, each told by a look before it was heard",
                        past(UP, BORN, told(ContainerEvent.Type.RENAME, 25), told(ContainerEvent.Type.RENAME, 35)), UP,
                        List.of(hint(Action.RENAME, 20, "name", "new", "oldName", "/web"),
                                hint(Action.RENAME, 30, "name", "web", "oldName", "/new")),
                        ""),
                arguments("updated, told by a look long before it was heard",
                        past(limited(UP), BORN, told(ContainerEvent.Type.UPDATE, 29)), limited(UP),
                        List.of(hint(Action.UPDATE, 20)), ""),
                arguments("sick and well, each told by a look before it was heard",
                        past(health(UP, Health.HEALTHY), BORN, told(ContainerEvent.Type.HEALTH_STATUS, 25),
                                told(ContainerEvent.Type.HEALTH_STATUS, 35)),
                        health(UP, Health.HEALTHY), List.of(hint(Action.HEALTH_STATUS, 20, "health", "unhealthy"),
                                hint(Action.HEALTH_STATUS, 30, "health", "healthy")),
                        ""),
                arguments("unhealthy", past(health(UP, Health.STARTING), BORN), health(UP, Health.UNHEALTHY),
                        List.of(hint(Action.HEALTH_STATUS, 20, "health", "unhealthy")),
                        "health_status@20 self {health=unhealthy}"),
                arguments("healthy, unheard", past(health(UP, Health.STARTING), BORN), health(UP, Health.HEALTHY),
                        List.of(), "health_status@100 self {health=healthy}"),
                arguments("removed", past(DOWN, BORN, told(ContainerEvent.Type.DIE, 50)), NONE,
                        List.of(hint(Action.DESTROY, 70)),
                        "remove@70 external"),
                arguments("removed by a command",
                        by(past(UP, BORN, told(ContainerEvent.Type.REMOVE, 70)), CommandType.REMOVE, 68, 70), NONE,
                        List.of(hint(Action.KILL, 69), hint(Action.DIE, 69.1), hint(Action.DESTROY, 70)), ""),
                arguments("it ended just before a command removed it",
                        by(past(DOWN, BORN, told(ContainerEvent.Type.REMOVE, 70)), CommandType.REMOVE, 51, 70), NONE,
                        List.of(hint(Action.DIE, 50.1), hint(Action.DESTROY, 70)), "die@50 self exit 3"),
                arguments("it was gone before anybody looked",
                        by(past(NONE, BORN, told(ContainerEvent.Type.REMOVE, 70)), CommandType.REMOVE, 51, 70), NONE,
                        List.of(hint(Action.DIE, 50.1, "name", "web", "exitCode", "3"), hint(Action.DESTROY, 70)),
                        "die@50.1 self exit 3"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("stories")
    void whatHappenedIsToldWithItsCause(String name, Past past, ContainerSnapshot now, List<Hint> hints,
            String expected) {
        assertEquals(expected, tell(past, Optional.ofNullable(now), Optional.empty(), hints), name);
    }

    @Test
    void whatAReplacementLeftBehindIsTheCommandsDoing() {
        Past past = new Past(Optional.empty(), List.of(), List.of(
                new Execution(new CommandId("r"), CommandType.REPLACE, at(0), Optional.of(at(70)), true)));
        assertEquals("create@1 command, start@10 command, die@60 command exit 9, remove@61 command",
                tell(past, Optional.empty(), Optional.of(UP),
                        List.of(hint(Action.CREATE, 1.1), hint(Action.START, 10.1), hint(Action.KILL, 59),
                                hint(Action.DIE, 60, "exitCode", "9"), hint(Action.DESTROY, 61))));
    }

    /** A container that ends by itself again and again, heard of late, and looked at whenever that may be. */
    @Test
    void everyRunIsToldOnceWheneverItIsLookedAt() {
        for (int seed = 0; seed < 2_000; seed++) {
            var random = new Random(seed);
            int runs = 1 + random.nextInt(6);
            List<Hint> news = new ArrayList<>();
            List<ContainerSnapshot> course = new ArrayList<>();
            course.add(container(state(ContainerStatus.CREATED, -1, -1, 0)));
            double finished = -1;
            double announced = 2;
            for (int run = 0; run < runs; run++) {
                // The engine starts it again only when it has announced the end.
                double started = announced + passes(random);
                course.add(restarts(container(state(ContainerStatus.RUNNING, started, finished, 0)), run));
                finished = started + passes(random);
                course.add(restarts(container(state(ContainerStatus.RESTARTING, started, finished, 0)), run));
                announced = started + passes(random);
                news.add(hint(Action.START, announced));
                announced = Math.max(announced, finished) + passes(random);
                news.add(hint(Action.DIE, announced));
            }
            List<Told> told = new ArrayList<>(List.of(told(ContainerEvent.Type.CREATE, 1)));
            int heard = 0;
            int seen = 0;
            while (heard < news.size()) {
                Optional<Instant> lastEnd = news.subList(0, heard).stream()
                        .filter(hint -> hint.action() == Action.DIE).map(Hint::at).max(Comparator.naturalOrder());
                List<Hint> batch = news.subList(heard, Math.min(news.size(), heard + random.nextInt(4)));
                heard += batch.size();
                Past past = past(course.get(seen), told);
                seen = Math.min(news.size(), Math.max(seen, heard) + random.nextInt(3));
                Story.of(HOST, past, Optional.of(course.get(seen)), Optional.empty(), new Heard(lastEnd, batch),
                        at(100), false).orElseThrow().forEach(event -> told.add(new Told(event.type(), event.at())));
            }
            for (ContainerEvent.Type type : List.of(ContainerEvent.Type.START, ContainerEvent.Type.DIE)) {
                assertEquals(runs, told.stream().filter(event -> event.type() == type).count(),
                        "seed " + seed + ", " + type + ": " + told);
            }
        }
    }

    private static double passes(Random random) {
        return (1 + random.nextInt(300)) / 1_000.0;
    }

    @Test
    void ofTwoKillsOneRightAfterTheOtherEachHasItsOwnEnd() {
        Past killed = by(by(past(AGAIN, BORN, told(ContainerEvent.Type.DIE, 50), told(ContainerEvent.Type.START, 60)),
                new CommandId("first"), CommandType.KILL, 49.9, 59.9), new CommandId("second"), CommandType.KILL, 60.2,
                60.6);

        List<ContainerEvent> told = Story.of(HOST, killed,
                Optional.of(container(state(ContainerStatus.EXITED, 60, 60.5, 137))), Optional.empty(),
                new Heard(Optional.empty(), List.of(hint(Action.KILL, 60.4), hint(Action.DIE, 60.51))), at(100), false)
                .orElseThrow();

        assertEquals(List.of(new CommandId("second")), told.stream().flatMap(event -> event.commandId().stream())
                .toList());
    }

    @Test
    void aCrashLoopIsToldOnce() {
        var loops = new CrashLoops();
        ContainerSnapshot old = UP;
        assertFalse(loops.begins(restarts(old, 300), at(1_000), false), "what was before is unknown");
        assertFalse(loops.begins(restarts(old, 304), at(1_010), false));
        assertTrue(loops.begins(restarts(old, 305), at(1_020), false));
        assertFalse(loops.begins(restarts(old, 320), at(1_030), false), "told");
        assertFalse(loops.begins(restarts(old, 0), at(1_040), false), "started anew");
        assertTrue(loops.begins(restarts(old, 5), at(1_050), false));
        for (int i = 6; i < 20; i++) {
            assertFalse(loops.begins(restarts(old, i), at(1_050 + i * 60), false), "slow, and told");
        }
        assertFalse(loops.begins(restarts(old, 19), at(2_600), false));
        assertTrue(loops.begins(restarts(old, 24), at(2_610), false), "after a quiet time it is another one");
        assertTrue(new CrashLoops().begins(restarts(old, 5), at(20), false), "all since it was made");
        assertFalse(new CrashLoops().begins(restarts(old, 5), at(20), true), "told by a predecessor");
    }

    /** With its next start the engine forgets how a run ended. */
    @Test
    void howARunEndedThatAnotherFollowedIsWaitedForUntilItIsHeard() {
        Heard nothing = new Heard(Optional.empty(), List.of());
        Heard end = new Heard(Optional.empty(), List.of(hint(Action.DIE, 50.1, "exitCode", "3")));
        for (boolean heard : List.of(false, true)) {
            assertEquals(heard, Story.of(HOST, past(UP, BORN), Optional.of(AGAIN), Optional.empty(),
                    heard ? end : nothing, at(100), true).isPresent());
        }
        // The lanes must know at once of one that is new.
        assertTrue(Story.of(HOST, past(NONE, List.of()), Optional.of(AGAIN), Optional.empty(), nothing, at(100), true)
                .isPresent());
    }

    private static String tell(Past past, Optional<ContainerSnapshot> now, Optional<ContainerSnapshot> lastSeen,
            List<Hint> hints) {
        return String.join(", ",
                Story.of(HOST, past, now, lastSeen, new Heard(Optional.empty(), hints), at(100), false).orElseThrow()
                        .stream().map(StoryTest::text).toList());
    }

    private static String text(ContainerEvent event) {
        double seconds = event.at().toEpochMilli() / 1_000.0;
        String at = seconds == Math.rint(seconds) ? Long.toString((long) seconds) : Double.toString(seconds);
        return event.type() + "@" + at + " " + event.cause()
                + (event.exitCode().isPresent() ? " exit " + event.exitCode().getAsInt() : "")
                + (event.attributes().isEmpty() ? "" : " " + event.attributes());
    }

    private static Past past(ContainerSnapshot row, List<Told> told, Told... more) {
        return new Past(Optional.ofNullable(row).map(container -> new ManagedContainer(HOST, container, at(99))),
                Stream.concat(told.stream(), Stream.of(more)).toList(), List.of());
    }

    /** The same where a command was at work. */
    private static Past by(Past past, CommandType type, double from, double until) {
        return by(past, new CommandId("c"), type, from, until);
    }

    private static Past by(Past past, CommandId command, CommandType type, double from, double until) {
        return new Past(past.row(), past.told(), Stream.concat(past.executions().stream(), Stream.of(
                new Execution(command, type, at(from), Optional.of(at(until)), false))).toList());
    }

    private static Instant at(double seconds) {
        return Instant.ofEpochMilli(Math.round(seconds * 1_000));
    }

    private static Told told(ContainerEvent.Type type, double at) {
        return new Told(type, at(at));
    }

    private static Hint hint(Action action, double at, String... attributes) {
        Map<String, String> map = new HashMap<>();
        for (int i = 0; i < attributes.length; i += 2) {
            map.put(attributes[i], attributes[i + 1]);
        }
        return new Hint(ID, action, at(at), map);
    }

    private static ContainerState state(ContainerStatus status, double started, double finished, int exitCode) {
        return ContainerState.of(status, started < 0 ? Optional.empty() : Optional.of(at(started)),
                finished < 0 ? Optional.empty() : Optional.of(at(finished)), exitCode);
    }

    private static ContainerSnapshot container(ContainerState state) {
        return new ContainerSnapshot(ID, "web", "nginx", "sha256:1", at(1), state, Map.of(), Map.of(), Set.of(),
                Limits.NONE);
    }

    private static ContainerSnapshot restarts(ContainerSnapshot container, int count) {
        ContainerState was = container.state();
        return container.with(new ContainerState(was.status(), was.startedAt(), was.finishedAt(), was.exitCode(),
                was.oomKilled(), "", count, was.health()));
    }

    private static ContainerSnapshot oom(ContainerSnapshot container) {
        ContainerState was = container.state();
        return container.with(new ContainerState(was.status(), was.startedAt(), was.finishedAt(), was.exitCode(), true,
                "", 0, was.health()));
    }

    private static ContainerSnapshot status(ContainerSnapshot container, ContainerStatus status) {
        return container.with(container.state().with(status));
    }

    private static ContainerSnapshot health(ContainerSnapshot container, Health health) {
        return container.with(container.state().with(health));
    }

    private static ContainerSnapshot limited(ContainerSnapshot container) {
        return new ContainerSnapshot(ID, container.name(), container.image(), container.imageId(),
                container.createdAt(), container.state(), Map.of(), Map.of(), Set.of(),
                new Limits(Optional.empty(), Optional.empty(), Optional.empty(), OptionalLong.of(5)));
    }
}
