package io.dockworker.execution;

import io.dockworker.command.Command;
import io.dockworker.command.Command.Replace.Order;
import io.dockworker.command.CommandId;
import io.dockworker.command.ContainerName;
import io.dockworker.command.ContainerSnapshot;
import io.dockworker.command.ContainerSpec;
import io.dockworker.command.Header;
import io.dockworker.command.ImageName;
import io.dockworker.command.ImagePull;
import io.dockworker.command.Outcome;
import io.dockworker.command.ProcessSpec;
import io.dockworker.command.PullPolicy;
import io.dockworker.command.SpecChange;
import io.dockworker.command.SpecField;
import io.dockworker.command.Target;
import io.dockworker.execution.ContainerEngine.Answer;
import io.dockworker.journal.Completion;
import io.dockworker.journal.Recorded;
import io.dockworker.journal.Work;
import io.dockworker.journal.WorkKey;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * One worker, one engine and some lanes, on one thread and in virtual time. The seed decides everything: what is asked,
 * when, how long each thing takes, and what goes wrong. What the worker does is the production code's decision.
 */
final class FaultSimulation implements InstantSource {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    private static final Duration BOUND = Duration.ofHours(1);
    private static final ImageName IMAGE = new ImageName("fake/tools:1");
    private static final int LANES = 4;
    /** A call goes on in the engine for so long after its answer was lost. */
    private static final int LATE_MILLIS = 1_500;

    /** The production core, or one with a planted bug. */
    @FunctionalInterface
    interface Core {
        Decider.Move next(Run run, Observation observation, Instant now);
    }

    /** A call that changed something. */
    record Effect(WorkKey key, EngineCall call, boolean afterEnd) {}

    private record Event(Instant at, long order, Runnable action) {}

    /** One piece of work in one life of the worker. */
    private static final class Task {
        final int life;
        final Work work;
        Run run;
        int attempt;

        Task(int life, Work work) {
            this.life = life;
            this.work = work;
            this.run = Run.of(work);
            this.attempt = work.attempts();
        }
    }

    final Ledger ledger = new Ledger();
    final List<Effect> effects = new ArrayList<>();
    /** A signal need not change anything that can be seen, so what reached the engine counts. */
    final List<WorkKey> kills = new ArrayList<>();
    private final Random random;
    private final Core core;
    private final Consumer<Supplier<String>> trace;
    private final FakeEngine engine;
    private final Auditor auditor = new Auditor(this);
    private final PriorityQueue<Event> queue = new PriorityQueue<>(
            Comparator.comparing(Event::at).thenComparingLong(Event::order));
    private final Map<Long, Task> busy = new HashMap<>();
    private final int killsPerThousand;
    private final int faultsPerHundred;
    private Instant now = START;
    private long scheduled;
    private int life = 1;
    private boolean down;
    private int engineLife;
    private boolean away;
    /** Nothing goes wrong under this seed. */
    private boolean calm;

    FaultSimulation(long seed, Core core, Consumer<Supplier<String>> trace) {
        random = new Random(seed);
        this.core = core;
        this.trace = trace;
        engine = new FakeEngine(seed, this).withImage(IMAGE);
        killsPerThousand = pick(0, 10, 40, 150);
        faultsPerHundred = pick(0, 10, 30, 60);
    }

    @Override
    public Instant instant() {
        return now;
    }

    boolean isCalm() {
        return calm;
    }

    List<ContainerSnapshot> containers() {
        return engine.containers();
    }

    /** @throws AssertionError at the first promise that is broken */
    void run() {
        if (random.nextInt(4) == 0) {
            engine.apply(new EngineCall.Create(name(0), spec(name(0)), Map.of()));
        }
        List<ContainerSnapshot> strangers = new ArrayList<>(engine.containers());
        if (random.nextInt(4) == 0) {
            at(random.nextInt(20_000), () -> strangers.addAll(takeOtherNames()));
        }
        int commands = 4 + random.nextInt(12);
        for (int i = 0; i < commands; i++) {
            var id = new CommandId("c" + i);
            int lane = random.nextInt(LANES);
            at(random.nextInt(20_000), () -> accept(command(id, name(lane)), lane));
        }
        int troubles = random.nextInt(4);
        calm = troubles + killsPerThousand + faultsPerHundred == 0;
        for (int i = 0; i < troubles; i++) {
            at(random.nextInt(40_000), this::engineTrouble);
        }
        while (!queue.isEmpty()) {
            Event event = queue.remove();
            now = event.at();
            Auditor.check(now.isBefore(START.plus(BOUND)), "stalled", busy.values().stream().map(t -> t.run).toList());
            event.action().run();
        }
        auditor.atTheEnd(strangers);
    }

    /** Somebody uses the engine directly, and has the names that replacements are to give. */
    private List<ContainerSnapshot> takeOtherNames() {
        trace(() -> "strangers take names");
        List<ContainerSnapshot> before = engine.containers();
        for (int lane = 0; lane < LANES; lane++) {
            ContainerName name = other(name(lane));
            engine.apply(new EngineCall.Create(name, spec(name), Map.of()));
        }
        return engine.containers().stream().filter(one -> !before.contains(one)).toList();
    }

    private void accept(Command command, long lane) {
        trace(() -> "accept in lane " + lane + ": " + command);
        ledger.accept(command, lane, now);
        wake(lane);
    }

    private void wake(long lane) {
        if (!down && !busy.containsKey(lane)) {
            ledger.head(lane).ifPresent(work -> {
                var task = new Task(life, work);
                busy.put(lane, task);
                later(task, millis(20), Observation.Handed::new);
            });
        }
    }

    /** Brings an observation to the task after a while; a worker that has died since never learns of it. */
    private void later(Task task, int millis, Supplier<Observation> observation) {
        at(millis, () -> {
            if (task.life == life && !down) {
                if (random.nextInt(1000) < killsPerThousand) {
                    kill();
                } else {
                    step(task, observation.get());
                }
            }
        });
    }

    private void step(Task task, Observation observation) {
        Decider.Move move = core.next(task.run, observation, now);
        trace(() -> task.work.key() + " attempt " + task.attempt + ": " + observation + " -> " + move.step());
        task.run = move.run();
        switch (move.step()) {
            case Step.Commit(var intent) -> at(task, millis(20), () -> {
                Recorded recorded = ledger.begin(task.work, intent, now);
                later(task, millis(20), () -> begun(task, recorded));
            });
            case Step.Call(EngineCall call) -> call(task, call);
            case Step.Note(var intent) -> at(task, millis(20), () -> {
                ledger.note(task.work, task.attempt, intent);
                later(task, millis(20), Observation.Noted::new);
            });
            case Step.Inspect(List<String> subjects) -> at(task, millis(50), () -> {
                var looked = new Observation.Looked(subjects.stream().map(this::inspect).toList());
                later(task, millis(50), () -> looked);
            });
            case Step.EnsureImage(var image, var pull) -> {
                var presence = new Observation.Image(engine.ensureImage(image, pull, BOUND));
                later(task, millis(500), () -> presence);
            }
            case Step.Wait(Duration time) -> later(task, (int) time.toMillis(), Observation.Waited::new);
            case Step.Complete(Outcome outcome) -> at(task, millis(20), () -> complete(task, outcome));
        }
    }

    private ContainerEngine.Inspection inspect(String subject) {
        return random.nextInt(500) < faultsPerHundred
                ? new ContainerEngine.Inspection.Away("timed out")
                : engine.inspect(subject);
    }

    private Observation begun(Task task, Recorded recorded) {
        return switch (recorded) {
            case Recorded.Begun(int attempt, Instant _) -> {
                task.attempt = attempt;
                yield new Observation.Committed();
            }
            case Recorded.Expired _ -> new Observation.Expired();
            case Recorded.Noted _,Recorded.Over _,Recorded.Ended _ ->
                throw new AssertionError("began what was over: " + task.run);
        };
    }

    private void complete(Task task, Outcome outcome) {
        Completion end = Ending.of(task.run, outcome, task.attempt, task.work.startedAt(), Map.of(), now);
        Auditor.check(ledger.end(end), "a second result", task.run);
        auditor.atCompletion(task.work, outcome);
        auditor.atRelease(end);
        at(task, millis(20), () -> {
            busy.remove(task.work.lane());
            wake(task.work.lane());
        });
    }

    /** The engine acts when it likes, and answers or not. */
    private void call(Task task, EngineCall call) {
        Auditor.check(ledger.mayAct(task.work.key(), task.attempt), "a call without its intent on record", task.run);
        int answerAt = 1 + millis(50);
        if (random.nextInt(1000) < faultsPerHundred) {
            at(answerAt + millis(20), this::engineTrouble);
        }
        boolean fault = random.nextInt(100) < faultsPerHundred;
        int kind = random.nextInt(4);
        if (away || (fault && kind == 0)) {
            later(task, answerAt, () -> new Observation.Answered(new Answer.NotSent("refused")));
            return;
        }
        if (!fault) {
            var answer = new ArrayList<Answer>();
            effect(task, call, random.nextInt(answerAt), answer::add);
            later(task, answerAt, () -> new Observation.Answered(
                    away || answer.isEmpty() ? new Answer.Unknown("reset") : answer.getFirst()));
            return;
        }
        answerAt = 1 + millis(1_000);
        if (random.nextBoolean()) {
            effect(task, call, random.nextInt(answerAt + LATE_MILLIS), _ -> {});
        }
        Optional<String> complaint = kind == 1 ? Optional.of("500: something is wrong") : Optional.empty();
        later(task, answerAt, () -> new Observation.Answered(new Answer.Unknown("lost", complaint)));
    }

    private void effect(Task task, EngineCall call, int millis, Consumer<Answer> answer) {
        int took = engineLife;
        at(millis, () -> {
            if (took == engineLife) {
                if (call instanceof EngineCall.Kill) {
                    kills.add(task.work.key());
                }
                List<ContainerSnapshot> before = engine.containers();
                answer.accept(engine.apply(call));
                if (!before.equals(engine.containers())) {
                    trace(() -> task.work.key() + " has effect: " + call);
                    boolean afterEnd = ledger.row(task.work.key()).outcome().isPresent();
                    effects.add(new Effect(task.work.key(), call, afterEnd));
                    engine.containers().stream().filter(one -> one.isUp() && !before.contains(one))
                            .forEach(this::perhapsEnd);
                }
            }
        });
    }

    private void perhapsEnd(ContainerSnapshot started) {
        if (random.nextInt(3) == 0) {
            at(millis(12_000), () -> {
                if (engine.containers().contains(started)) {
                    engine.exit(started.id(), 0);
                }
            });
        }
    }

    private void kill() {
        trace(() -> "the worker dies");
        life++;
        down = true;
        busy.clear();
        at(100 + millis(10_000), () -> {
            down = false;
            for (long lane = 0; lane < LANES; lane++) {
                wake(lane);
            }
        });
    }

    /** Away for a while, sometimes for longer than any deadline; sometimes it comes back as another process. */
    private void engineTrouble() {
        boolean restart = random.nextBoolean();
        trace(() -> "the engine goes away" + (restart ? " and dies" : ""));
        away = true;
        engine.setAway(Optional.of("unplugged"));
        if (restart) {
            engineLife++;
            engine.restart();
        }
        at(millis(random.nextInt(4) == 0 ? 120_000 : 8_000), () -> {
            trace(() -> "the engine is back");
            away = false;
            engine.setAway(Optional.empty());
        });
    }

    private Command command(CommandId id, ContainerName name) {
        Header header = new Header(id, Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(),
                random.nextInt(10) == 0 ? Optional.of(now.plusMillis(millis(5_000))) : Optional.empty(),
                Optional.of(Duration.ofSeconds(5 + random.nextInt(60))));
        Target target = new Target.One(name.value());
        var one = new Target.One(name.value());
        return switch (random.nextInt(16)) {
            case 0, 1, 2, 3 -> new Command.Create(header, spec(name), 1, random.nextInt(4) > 0);
            case 4, 5 -> new Command.Start(header, target);
            case 6 -> new Command.Stop(header, target, Optional.empty(), Optional.empty());
            case 7, 8 -> new Command.Restart(header, target, Optional.empty(), Optional.empty());
            case 9 -> new Command.Pause(header, target);
            case 10 -> new Command.Unpause(header, target);
            case 11, 12 -> new Command.Kill(header, one, random.nextInt(3) == 0 ? "SIGKILL" : "SIGHUP",
                    random.nextInt(3) == 0);
            case 13, 14 -> new Command.Replace(header, one,
                    new SpecChange(spec(other(name)), random.nextInt(3) == 0
                            ? Set.of(SpecField.COMMAND, SpecField.NAME)
                            : Set.of(SpecField.COMMAND)),
                    Optional.of(random.nextBoolean() ? Order.START_FIRST : Order.STOP_FIRST));
            default -> new Command.Remove(header, target, random.nextBoolean(), false);
        };
    }

    private ContainerSpec spec(ContainerName name) {
        return ContainerSpec.of(IMAGE).with(name).with(ImagePull.of(PullPolicy.NEVER))
                .with(ProcessSpec.of(List.of(random.nextInt(3) == 0 ? "true" : "serve")));
    }

    private static ContainerName name(int lane) {
        return new ContainerName("lane-" + lane);
    }

    /** The name that some replacements give. */
    private static ContainerName other(ContainerName name) {
        return new ContainerName(name + "-b");
    }

    private void at(Task task, int millis, Runnable action) {
        at(millis, () -> {
            if (task.life == life && !down) {
                action.run();
            }
        });
    }

    private void at(int millis, Runnable action) {
        queue.add(new Event(now.plusMillis(millis), scheduled++, action));
    }

    private int millis(int bound) {
        return random.nextInt(bound);
    }

    private int pick(int... values) {
        return values[random.nextInt(values.length)];
    }

    /** Text is made only where somebody reads it. */
    private void trace(Supplier<String> line) {
        trace.accept(() -> Duration.between(START, now) + " " + line.get());
    }
}
