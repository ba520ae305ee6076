package io.dockworker.execution;

import io.dockworker.command.Outcome;
import io.dockworker.intake.Intake;
import io.dockworker.journal.Fence;
import io.dockworker.journal.LaneStep;
import io.dockworker.journal.MemoryJournal;
import io.dockworker.journal.MemoryJournal.Line;
import io.dockworker.journal.Recorded;
import io.dockworker.journal.Superseded;
import io.dockworker.journal.Unavailable;
import io.dockworker.journal.Work;
import io.dockworker.journal.WorkQueue;
import io.dockworker.kafka.CommandSource;
import io.dockworker.kafka.NumberedPublisher;
import io.dockworker.relay.Relay;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.IntSupplier;
import java.util.function.Supplier;

/**
 * One worker from its start to its end: the loops of production, called in turn, and for each lane that has work the
 * core, whose steps take time. Where production blocks a thread, the others here act meanwhile.
 */
final class SimulatedWorker {
    /** Nothing of a process that was killed goes on; an error, since loops survive exceptions. */
    private static final class Killed extends Error {
        private static final long serialVersionUID = 1L;

        Killed() {
            super(null, null, false, false);
        }
    }

    private static final int DONE = -1;

    private final FaultSimulation world;
    private final SimulatedHost host;
    private final WorkQueue queue;
    private final GroupCommit commits;
    private final Map<Long, Task> busy = new HashMap<>();
    private int uncommitted;
    private boolean committing;
    private boolean ended;
    private boolean replaced;
    private Instant frozenUntil = Instant.MIN;

    /** One piece of work in the life of this worker. */
    private final class Task {
        final Work work;
        /** How far the database's clock was ahead of this machine's when the work was read. */
        final Duration ahead;
        Run run;
        int attempt;
        /** This worker has put on record that it begins, after another has taken its place: nobody has stopped it. */
        boolean begunTooLate;

        Task(Work work) {
            this.work = work;
            this.ahead = Duration.between(local(), work.readAt());
            this.run = Run.of(work);
            this.attempt = work.attempts();
        }
    }

    SimulatedWorker(FaultSimulation world, SimulatedHost host) {
        this.world = world;
        this.host = host;
        Fence fence = world.journal.claim(host.id);
        Line database = line(() -> world.databaseAway, MemoryJournal::away);
        Line broker = line(() -> world.brokerAway, MemoryBroker.Away::new);
        queue = world.journal.queue(fence, database);
        commits = new GroupCommit(queue, () -> {});
        Intake intake = new Intake(FaultSimulation.TOPIC, world.journal.inbox(fence, database), FaultSimulation.METERS,
                this::wake, () -> Duration.between(Instant.EPOCH, world.instant()).toNanos());
        CommandSource member = world.broker.join(host.id, intake, broker);
        Relay relay = new Relay(world.journal.outbox(fence, database), () -> connect(broker), "",
                host.id, FaultSimulation.METERS);
        loop(world.millis(200), () -> {
            intake.runOnce(member);
            return 1 + world.millis(400);
        });
        loop(world.millis(200), () -> relay.publishNext() ? 1 + world.millis(20) : 1 + world.millis(500));
        loop(world.millis(200), () -> {
            start(queue.lanesAfter(0, 1_000));
            return 1 + world.millis(5_000);
        });
    }

    /** It takes its time, most of all where an earlier publisher has left something open. */
    private NumberedPublisher connect(Line broker) {
        return world.broker.connect(host.id, broker, () -> world.pass(world.millis(500)));
    }

    /** As by kill -9. */
    void end() {
        ended = true;
    }

    /** Another has taken its place, and the engine; what else it does goes on until it finds out. */
    void replace() {
        replaced = true;
    }

    /** It is stopped for so long, and goes on as if nothing had been. */
    void freeze(Duration time) {
        world.trace(() -> "the worker of " + host.id + " is frozen for " + time);
        frozenUntil = world.instant().plus(time);
    }

    /** Between this worker and a service: time passes, the worker may die, the service may be away or say nothing. */
    private Line line(BooleanSupplier away, Supplier<RuntimeException> fault) {
        return new Line() {
            @Override
            public void at(boolean sent) {
                if (world.random.nextInt(8) == 0) {
                    world.pass(world.millis(world.random.nextInt(10) == 0 ? 5_000 : 50));
                }
                while (!ended && frozenUntil.isAfter(world.instant())) {
                    world.pass((int) Duration.between(world.instant(), frozenUntil).toMillis() + 1);
                }
                perish(4_000);
                if (away.getAsBoolean() || world.random.nextInt(2_000) < world.faultsPerHundred) {
                    throw fault.get();
                }
            }

            @Override
            public void leave(Runnable sent) {
                if (!away.getAsBoolean() && world.random.nextBoolean()) {
                    world.at(world.millis(1_000), () -> {
                        try {
                            sent.run();
                        } catch (RuntimeException _) {
                            // Refused, and there is nobody to hear of it.
                        }
                    });
                }
            }
        };
    }

    private void perish(int in) {
        if (!ended && !replaced && world.random.nextInt(in) < world.killsPerThousand) {
            host.killWorker();
        }
        if (ended) {
            throw new Killed();
        }
    }

    /** @param body returns after how many milliseconds it is to be called again */
    private void loop(int millis, IntSupplier body) {
        world.at(millis, () -> {
            if (ended) {
                return;
            }
            if (frozenUntil.isAfter(world.instant())) {
                loop(1 + (int) Duration.between(world.instant(), frozenUntil).toMillis(), body);
                return;
            }
            int next;
            try {
                next = body.getAsInt();
            } catch (Killed _) {
                return;
            } catch (Superseded | MemoryBroker.Fenced _) {
                world.trace(() -> "a worker of " + host.id + " finds that it is superseded");
                end();
                return;
            } catch (Unavailable | MemoryBroker.Away _) {
                next = 100 + world.millis(1_000);
            }
            if (next != DONE) {
                loop(next, body);
            }
        });
    }

    private void wake(Collection<Long> lanes) {
        List<Long> woken = List.copyOf(lanes);
        loop(world.millis(20), () -> {
            start(woken);
            return DONE;
        });
    }

    private void start(List<Long> lanes) {
        List<Long> free = lanes.stream().filter(lane -> !busy.containsKey(lane)).toList();
        if (!free.isEmpty()) {
            for (Work work : queue.heads(free)) {
                if (!busy.containsKey(work.lane())) {
                    var task = new Task(work);
                    busy.put(work.lane(), task);
                    later(world.millis(20), task, Observation.Handed::new);
                }
            }
        }
    }

    private Instant local() {
        return world.instant().plus(host.skew);
    }

    /** Does something a while from now, if this worker is there still. */
    private void at(int millis, Runnable action) {
        loop(millis, () -> {
            action.run();
            return DONE;
        });
    }

    private void later(int millis, Task task, Supplier<Observation> observation) {
        at(millis, () -> {
            perish(1_000);
            step(task, observation.get());
        });
    }

    private void step(Task task, Observation observation) {
        Decider.Move move = world.core.next(task.run, observation, local().plus(task.ahead));
        world.trace(() -> host.id + " " + task.work.key() + " attempt " + task.attempt + ": " + observation + " -> "
                + move.step());
        task.run = move.run();
        switch (move.step()) {
            case Step.Commit(var intent) -> {
                task.begunTooLate = replaced;
                record(new LaneStep.Begin(task.work, intent), recorded -> begun(task, recorded));
            }
            case Step.Note(var intent) -> record(new LaneStep.Note(task.work, task.attempt, intent),
                    recorded -> noted(task, recorded));
            case Step.Call(EngineCall _) when replaced && !task.begunTooLate -> {
                // Its successor has seen to it that it does not touch the engine any more.
            }
            case Step.Call(EngineCall call) -> {
                world.auditor.mayCall(task.run, task.attempt);
                host.call(task.work.key(), call, (millis, answer) -> later(millis, task,
                        () -> new Observation.Answered(answer.get())));
            }
            case Step.Inspect(List<String> subjects) -> at(world.millis(50), () -> {
                var looked = new Observation.Looked(subjects.stream().map(host::inspect).toList());
                later(world.millis(50), task, () -> looked);
            });
            case Step.EnsureImage(var image, var pull) -> {
                var presence = new Observation.Image(host.engine.ensureImage(image, pull, Duration.ofHours(1)));
                later(world.millis(500), task, () -> presence);
            }
            case Step.Wait(Duration time) -> later((int) time.toMillis(), task, Observation.Waited::new);
            case Step.Complete(Outcome outcome) -> record(
                    new LaneStep.End(Ending.of(task.run, outcome, task.attempt, task.work.startedAt(), Map.of(),
                            local().plus(task.ahead))),
                    _ -> release(task));
        }
    }

    private void begun(Task task, Recorded recorded) {
        switch (recorded) {
            case Recorded.Begun(int attempt, Instant _) -> {
                task.attempt = attempt;
                later(world.millis(20), task, Observation.Committed::new);
            }
            case Recorded.Expired _ -> later(world.millis(20), task, Observation.Expired::new);
            case Recorded.Over _ -> release(task);
            case Recorded.Noted _,Recorded.Ended _ -> throw new AssertionError("a beginning that is none: " + task.run);
        }
    }

    private void noted(Task task, Recorded recorded) {
        if (recorded instanceof Recorded.Over) {
            release(task);
        } else {
            later(world.millis(20), task, Observation.Noted::new);
        }
    }

    private void release(Task task) {
        at(world.millis(20), () -> {
            busy.remove(task.work.lane());
            wake(List.of(task.work.lane()));
        });
    }

    private void record(LaneStep step, Consumer<Recorded> then) {
        at(world.millis(20), () -> {
            uncommitted++;
            CompletableFuture<Void> _ = commits.submit(step).thenAccept(recorded -> {
                uncommitted--;
                then.accept(recorded);
            });
            if (!committing) {
                committing = true;
                loop(world.millis(10), this::commit);
            }
        });
    }

    private int commit() {
        try {
            commits.runOnce();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        committing = uncommitted > 0;
        return committing ? world.millis(10) : DONE;
    }
}
