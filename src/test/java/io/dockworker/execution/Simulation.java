package io.dockworker.execution;

import io.dockworker.command.Command;
import io.dockworker.command.CommandId;
import io.dockworker.command.ContainerId;
import io.dockworker.command.ContainerName;
import io.dockworker.command.ContainerSnapshot;
import io.dockworker.command.ContainerSpec;
import io.dockworker.command.Header;
import io.dockworker.command.HostId;
import io.dockworker.command.ImageName;
import io.dockworker.command.Labels;
import io.dockworker.command.Outcome;
import io.dockworker.command.PullPolicy;
import io.dockworker.command.Resources;
import io.dockworker.command.Target;
import io.dockworker.journal.Completion;
import io.dockworker.journal.Intent;
import io.dockworker.journal.Work;
import io.dockworker.journal.WorkKey;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.function.Supplier;

/**
 * One seed's world: a worker that is killed again and again, an engine whose answers get lost and whose effects come
 * late, and a journal in memory that guards its rows as the real one does. One thread, one queue, virtual time. The
 * classes that decide are those of production.
 */
final class Simulation {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    private static final ImageName IMAGE = new ImageName("sim:1");
    private static final HostId HOST = new HostId("sim");
    private static final int LANES = 3;
    private static final int COMMANDS_A_LANE = 6;

    /** The core under test; planted bugs stand here too. */
    interface Core {
        Decider.Move next(Run run, Observation observation, Instant now);
    }

    private record Event(Instant at, long order, Runnable what) {}

    /** A command on record. */
    private static final class Row {
        final Command command;
        final long seq;
        int attempts;
        Optional<Intent> intent = Optional.empty();
        Optional<Outcome> outcome = Optional.empty();

        Row(Command command, long seq) {
            this.command = command;
            this.seq = seq;
        }
    }

    private static final class Lane {
        final String name;
        final List<Row> rows = new ArrayList<>();
        Optional<ContainerId> container = Optional.empty();

        Lane(String name) {
            this.name = name;
        }

        Optional<Row> head() {
            return rows.stream().filter(row -> row.outcome.isEmpty()).findFirst();
        }
    }

    private final Random random;
    private final Core core;
    private final PriorityQueue<Event> events = new PriorityQueue<>(
            Comparator.comparing(Event::at).thenComparingLong(Event::order));
    private final List<Lane> lanes = new ArrayList<>();
    private final Map<ContainerId, Integer> starts = new HashMap<>();
    private final Map<String, Integer> creates = new HashMap<>();
    private final List<String> faults = new ArrayList<>();
    private final Engine engine;
    private Instant now = START;
    private long order;
    private int life;
    private int kills;

    Simulation(long seed, Core core) {
        this.random = new Random(seed);
        this.core = core;
        this.engine = new Engine(seed);
        engine.withImage(IMAGE);
        for (int lane = 0; lane < LANES; lane++) {
            lanes.add(lane("c" + lane));
        }
    }

    /** Watches what takes effect. */
    private final class Engine extends FakeEngine {
        Engine(long seed) {
            super(seed, () -> now);
        }

        @Override
        protected synchronized Answer apply(EngineCall call) {
            Optional<ContainerSnapshot> before = subject(call);
            Answer answer = super.apply(call);
            if (answer instanceof Answer.Done) {
                watch(call, before);
            }
            return answer;
        }

        private Optional<ContainerSnapshot> subject(EngineCall call) {
            return switch (call) {
                case EngineCall.Create _ -> Optional.empty();
                case EngineCall.Start(var id) -> container(id);
                case EngineCall.Stop(var id, var _, var _) -> container(id);
                case EngineCall.Remove(var id, var _, var _) -> container(id);
            };
        }

        Optional<ContainerSnapshot> container(ContainerId id) {
            return containers().stream().filter(one -> one.id().equals(id)).findFirst();
        }
    }

    private void watch(EngineCall call, Optional<ContainerSnapshot> before) {
        String name = call instanceof EngineCall.Create create
                ? create.name().value()
                : before.map(ContainerSnapshot::name).orElse("");
        boolean effective = !(call instanceof EngineCall.Start || call instanceof EngineCall.Stop)
                || (before.isPresent() && before.get().isUp() == (call instanceof EngineCall.Stop));
        Optional<Row> head = lanes.stream().filter(lane -> lane.name.equals(name)).findFirst().flatMap(Lane::head);
        if (effective && head.flatMap(row -> row.intent).isEmpty()) {
            faults.add(call.kind() + " of " + name + " took effect without an intent on record");
        }
        if (call instanceof EngineCall.Create create) {
            creates.merge(create.labels().get(Labels.COMMAND_ID), 1, Integer::sum);
        }
        if (call instanceof EngineCall.Start start && effective) {
            starts.merge(start.id(), 1, Integer::sum);
        }
    }

    private Lane lane(String name) {
        var lane = new Lane(name);
        for (int i = 1; i <= COMMANDS_A_LANE; i++) {
            var header = Header.of(new CommandId(name + "-" + i));
            int kind = i == 1 ? 0 : random.nextInt(5);
            var target = new Target.One(name);
            lane.rows.add(new Row(switch (kind) {
                case 0 -> new Command.Create(header, spec(name), 1, true);
                case 1 -> new Command.Stop(header, target, Optional.empty(), Optional.empty());
                case 2 -> new Command.Remove(header, target, true, false);
                default -> new Command.Start(header, target);
            }, i));
        }
        return lane;
    }

    private ContainerSpec spec(String name) {
        // Some are jobs that end at once: those must not run twice.
        List<String> command = random.nextInt(3) == 0 ? List.of("true") : List.of();
        return new ContainerSpec(IMAGE, Optional.of(new ContainerName(name)), Map.of(), List.of(), command, List.of(),
                Resources.UNLIMITED, Map.of(), Optional.empty(), PullPolicy.MISSING);
    }

    /** @return what went wrong; empty if all is as promised */
    List<String> run() {
        at(Duration.ZERO, this::live);
        for (int i = 0; i < 4; i++) {
            at(Duration.ofMillis(random.nextInt(60_000)), this::disturb);
        }
        int steps = 0;
        while (!events.isEmpty() && steps++ < 20_000) {
            Event event = events.remove();
            now = event.at();
            event.what().run();
        }
        audit();
        return faults;
    }

    /** A new worker: it takes the heads of its lanes as the journal has them. */
    private void live() {
        int mine = ++life;
        lanes.forEach(lane -> take(lane, mine));
    }

    private void take(Lane lane, int mine) {
        lane.head().ifPresent(row -> {
            var work = new Work(new WorkKey(row.command.id(), 0), row.command, HOST, lanes.indexOf(lane), row.seq,
                    lane.container, Optional.of("spec"), new byte[0], row.attempts, row.intent, START,
                    START.plus(Duration.ofHours(1)), Optional.empty());
            step(lane, row, mine, Run.of(work), new Observation.Handed());
        });
    }

    private void step(Lane lane, Row row, int mine, Run run, Observation observation) {
        if (mine != life) {
            return;
        }
        if (kills < 4 && random.nextInt(25) == 0) {
            kills++;
            life++;
            at(Duration.ofMillis(200 + random.nextInt(3_000)), this::live);
            return;
        }
        Decider.Move move = core.next(run, observation, now);
        switch (move.step()) {
            case Step.Commit(Intent intent) -> {
                row.attempts++;
                row.intent = Optional.of(intent);
                next(1, lane, row, mine, move.run(), () -> new Observation.Committed());
            }
            case Step.Inspect(String subject) ->
                next(1, lane, row, mine, move.run(), () -> new Observation.Looked(engine.inspect(subject)));
            case Step.EnsureImage(var image, var policy) ->
                next(1, lane, row, mine, move.run(), () -> new Observation.Image(engine.ensureImage(image, policy)));
            case Step.Wait(Duration time) ->
                next(time.toMillis(), lane, row, mine, move.run(), () -> new Observation.Waited());
            case Step.Call(EngineCall call) -> call(lane, row, mine, move.run(), call);
            case Step.Complete(Outcome outcome) -> complete(lane, row, mine, move.run(), outcome);
        }
    }

    /** The effect comes whether or not the caller still lives; its answer may be lost, before or after. */
    private void call(Lane lane, Row row, int mine, Run run, EngineCall call) {
        long effect = random.nextInt(10) == 0 ? 200 + random.nextInt(1_200) : 5;
        switch (random.nextInt(8)) {
            case 0 -> {
                at(Duration.ofMillis(effect), () -> engine.call(call));
                next(4, lane, row, mine, run,
                        () -> new Observation.Answered(new ContainerEngine.Answer.Unknown("lost")));
            }
            case 1 -> next(4, lane, row, mine, run,
                    () -> new Observation.Answered(new ContainerEngine.Answer.Unknown("lost, never done")));
            default -> at(Duration.ofMillis(effect), () -> {
                var answer = engine.call(call);
                next(1, lane, row, mine, run, () -> new Observation.Answered(answer));
            });
        }
    }

    private void complete(Lane lane, Row row, int mine, Run run, Outcome outcome) {
        if (row.outcome.isPresent()) {
            faults.add(row.command.id() + " has a second result");
        }
        row.outcome = Optional.of(outcome);
        Completion completion = Ending.of(run, outcome, row.attempts, Optional.empty(), Map.of(), now);
        lane.container = completion.laneHolds();
        at(Duration.ofMillis(1), () -> {
            if (mine == life) {
                take(lane, mine);
            }
        });
    }

    private void disturb() {
        switch (random.nextInt(3)) {
            case 0 -> engine.containers().stream().filter(ContainerSnapshot::isUp).findFirst()
                    .ifPresent(one -> engine.exit(one.id(), 1));
            case 1 -> {
                engine.setAway(Optional.of("gone fishing"));
                at(Duration.ofMillis(random.nextInt(20_000)), () -> engine.setAway(Optional.empty()));
            }
            default -> engine.restart();
        }
    }

    private void next(long millis, Lane lane, Row row, int mine, Run run, Supplier<Observation> what) {
        at(Duration.ofMillis(millis),
                () -> step(lane, row, mine, run, mine == life ? what.get() : new Observation.Waited()));
    }

    private void at(Duration later, Runnable what) {
        events.add(new Event(now.plus(later), order++, what));
    }

    private void audit() {
        Map<ContainerId, Integer> expected = new HashMap<>();
        for (Lane lane : lanes) {
            for (Row row : lane.rows) {
                if (row.outcome.isEmpty()) {
                    faults.add(row.command.id() + " has no result: stalled");
                    continue;
                }
                Outcome outcome = row.outcome.get();
                boolean starting = row.command instanceof Command.Create || row.command instanceof Command.Start;
                if (starting && outcome.status() == Outcome.Status.SUCCEEDED && outcome.changed()) {
                    expected.merge(outcome.containers().getFirst().container().id(), 1, Integer::sum);
                }
                if (creates.getOrDefault(row.command.id().value(), 0) > 1) {
                    faults.add(row.command.id() + " made several containers");
                }
                if (outcome.status() == Outcome.Status.UNKNOWN) {
                    faults.add(row.command.id() + " ended unknown though the engine could be asked");
                }
            }
            boolean there = engine.containers().stream().anyMatch(one -> one.name().equals(lane.name));
            if (there != lane.container.isPresent()) {
                faults.add(lane.name + (there ? " is there, but not on record" : " is on record, but not there"));
            }
        }
        starts.forEach((id, count) -> {
            if (count > expected.getOrDefault(id, 0)) {
                faults.add(id.abbreviated() + " was started " + count + " times for "
                        + expected.getOrDefault(id, 0) + " commands that did");
            }
        });
    }
}
