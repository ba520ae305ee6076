package io.dockworker.execution;

import io.dockworker.command.ContainerSnapshot;
import io.dockworker.command.HostId;
import io.dockworker.command.ImageName;
import io.dockworker.execution.ContainerEngine.Answer;
import io.dockworker.journal.WorkKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** A machine: its engine, which outlives workers, its clock, and the worker that it has at the moment. */
final class SimulatedHost {
    /** A call goes on in the engine for so long after its answer was lost. */
    private static final int LATE_MILLIS = 1_500;

    final HostId id;
    final FakeEngine engine;
    /** How far its clock is ahead. */
    Duration skew = Duration.ZERO;
    private final FaultSimulation world;
    private Optional<SimulatedWorker> worker = Optional.empty();
    private int engineLife;
    private boolean away;

    SimulatedHost(FaultSimulation world, HostId id, long seed, ImageName image) {
        this.world = world;
        this.id = id;
        this.engine = new FakeEngine(seed, world).withImage(image);
        startWorker();
    }

    Optional<SimulatedWorker> worker() {
        return worker;
    }

    /** The earlier one, where it is not dead, finds out that it is superseded. */
    void startWorker() {
        worker.ifPresent(SimulatedWorker::replace);
        worker = Optional.of(new SimulatedWorker(world, this));
        world.rebalance();
    }

    /** A successor comes after a while. */
    void killWorker() {
        worker.ifPresent(one -> {
            world.trace(() -> "the worker of " + id + " dies");
            one.end();
            worker = Optional.empty();
            world.at(100 + world.millis(10_000), this::startWorker);
        });
    }

    /** Away for a while, sometimes for longer than any deadline; sometimes it comes back as another process. */
    void engineTrouble() {
        boolean restart = world.random.nextBoolean();
        world.trace(() -> "the engine of " + id + " goes away" + (restart ? " and dies" : ""));
        away = true;
        engine.setAway(Optional.of("unplugged"));
        if (restart) {
            engineLife++;
            engine.restart();
        }
        world.at(world.millis(world.random.nextInt(4) == 0 ? 120_000 : 8_000), () -> {
            world.trace(() -> "the engine of " + id + " is back");
            away = false;
            engine.setAway(Optional.empty());
        });
    }

    ContainerEngine.Inspection inspect(String subject) {
        return world.random.nextInt(500) < world.faultsPerHundred
                ? new ContainerEngine.Inspection.Away("timed out")
                : engine.inspect(subject);
    }

    /**
     * The engine acts when it likes, and answers or not.
     *
     * @param hear is given the answer after so many milliseconds
     */
    void call(WorkKey key, EngineCall call, Hearing hear) {
        int answerAt = 1 + world.millis(50);
        if (world.random.nextInt(1000) < world.faultsPerHundred) {
            world.at(answerAt + world.millis(20), this::engineTrouble);
        }
        boolean fault = world.random.nextInt(100) < world.faultsPerHundred;
        int kind = world.random.nextInt(4);
        if (away || (fault && kind == 0)) {
            hear.after(answerAt, () -> new Answer.NotSent("refused"));
            return;
        }
        if (!fault) {
            var answer = new ArrayList<Answer>();
            effect(key, call, world.random.nextInt(answerAt), answer::add);
            hear.after(answerAt, () -> away || answer.isEmpty() ? new Answer.Unknown("reset") : answer.getFirst());
            return;
        }
        answerAt = 1 + world.millis(1_000);
        if (world.random.nextBoolean()) {
            effect(key, call, world.random.nextInt(answerAt + LATE_MILLIS), _ -> {});
        }
        Optional<String> complaint = kind == 1 ? Optional.of("500: something is wrong") : Optional.empty();
        hear.after(answerAt, () -> new Answer.Unknown("lost", complaint));
    }

    /** Where an answer goes. */
    interface Hearing {
        void after(int millis, Supplier<Answer> answer);
    }

    private void effect(WorkKey key, EngineCall call, int millis, Consumer<Answer> answer) {
        int took = engineLife;
        world.at(millis, () -> {
            if (took == engineLife) {
                List<ContainerSnapshot> before = engine.containers();
                answer.accept(engine.apply(call));
                List<ContainerSnapshot> after = engine.containers();
                world.auditor.reached(id, key, call, !before.equals(after));
                if (call instanceof EngineCall.Start) {
                    after.stream().filter(one -> !before.contains(one)).forEach(this::perhapsEnd);
                }
            }
        });
    }

    private void perhapsEnd(ContainerSnapshot started) {
        if (world.random.nextInt(5) == 0) {
            world.at(world.millis(12_000), () -> {
                if (engine.containers().contains(started)) {
                    engine.exit(started.id(), 0);
                }
            });
        }
    }
}
