package io.dockworker.execution;

import io.dockworker.command.ImageName;
import io.dockworker.command.ImagePull;
import io.dockworker.command.Outcome;
import io.dockworker.journal.LaneStep;
import io.dockworker.journal.Recorded;
import io.dockworker.journal.Work;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/** Takes the steps of one piece of work, on the thread of its lane. */
final class LaneRunner {
    private static final Logger LOG = LoggerFactory.getLogger(LaneRunner.class);

    /** So long a call may take even where the deadline is nearer: else nothing could be done at all. */
    private static final Duration LEAST = Duration.ofSeconds(2);

    private final ContainerEngine engine;
    private final GroupCommit commits;
    private final Permits permits;
    private final InstantSource clock;
    private final Checkpoint checkpoint;
    private final Work work;
    private final String verb;
    private final SequencedMap<String, Duration> timings = new LinkedHashMap<>();
    /** A create waits for its image before it begins, which is no waiting for its turn. */
    private Duration pulledBeforeStart = Duration.ZERO;
    private int attempt;
    private boolean begunHere;
    private Optional<Instant> startedAt;

    /** @param local this machine's clock; what counts is the database's, as far as the two lie apart now */
    LaneRunner(ContainerEngine engine, GroupCommit commits, Permits permits, InstantSource local, Checkpoint checkpoint,
            Work work) {
        this.engine = engine;
        this.commits = commits;
        this.permits = permits;
        Duration ahead = Duration.between(local.instant(), work.readAt());
        this.clock = () -> local.instant().plus(ahead);
        this.checkpoint = checkpoint;
        this.work = work;
        this.verb = work.command().type().toString();
        this.attempt = work.attempts();
        this.startedAt = work.startedAt();
    }

    /** How the work ended, and whether its lane has more. */
    record Ended(Outcome outcome, boolean more, Duration total, Duration queued) {}

    /**
     * Executes the work to its end.
     *
     * @return empty if it was over already
     * @throws InterruptedException if the worker stops; what was begun is settled by the next one
     */
    Optional<Ended> run() throws InterruptedException {
        try {
            return steps();
        } catch (InterruptedException e) {
            if (begunHere) {
                // An end that was asked for is no crash, and must not look like one to the next worker.
                commits.record(new LaneStep.Cut(work, work.attempts() + 1));
            }
            throw e;
        }
    }

    private Optional<Ended> steps() throws InterruptedException {
        Observation observation = new Observation.Handed();
        Run run = Run.of(work);
        while (true) {
            Decider.Move move = Decider.next(run, observation, clock.instant());
            run = move.run();
            switch (move.step()) {
                case Step.Commit(var intent) -> {
                    begunHere = true;
                    Recorded recorded = commits.record(new LaneStep.Begin(work, intent));
                    if (recorded instanceof Recorded.Over) {
                        return Optional.empty();
                    }
                    observation = begun(recorded);
                }
                case Step.Note(var intent) -> {
                    if (commits.record(new LaneStep.Note(work, attempt, intent)) instanceof Recorded.Over) {
                        return Optional.empty();
                    }
                    observation = new Observation.Noted();
                }
                case Step.Call(EngineCall call) -> observation = call(call);
                case Step.Inspect(List<String> subjects) ->
                    observation = permits.whileLooking(
                            () -> new Observation.Looked(subjects.stream().map(engine::inspect).toList()));
                case Step.EnsureImage(var image, var pull) -> observation = image(image, pull);
                case Step.Wait(Duration time) -> {
                    Thread.sleep(time);
                    observation = new Observation.Waited();
                }
                case Step.Complete(Outcome outcome) -> {
                    return Optional.of(complete(run, outcome));
                }
            }
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
        }
    }

    /** To look whether the image is there is no pull, and takes none of its time. */
    private Observation image(ImageName image, ImagePull pull) {
        Instant before = clock.instant();
        ContainerEngine.ImagePresence presence = engine.ensureImage(image, pull, timeLeft());
        boolean there = presence instanceof ContainerEngine.ImagePresence.Present(boolean changed) && !changed;
        spent("pull", there ? Duration.ZERO : Duration.between(before, clock.instant()));
        return new Observation.Image(presence);
    }

    private Observation begun(Recorded recorded) {
        return switch (recorded) {
            case Recorded.Begun(int number, Instant at) -> {
                attempt = number;
                startedAt = Optional.of(at);
                pulledBeforeStart = pulled();
                checkpoint.reached("intent-committed:" + verb);
                yield new Observation.Committed();
            }
            case Recorded.Expired _ -> new Observation.Expired();
            case Recorded.Noted _,Recorded.Over _,Recorded.Ended _ ->
                throw new IllegalStateException("a beginning was recorded as an end");
        };
    }

    private Observation call(EngineCall call) throws InterruptedException {
        checkpoint.reached("before-call:" + call.kind());
        Observation answered = permits.during(call,
                () -> timed(call.kind(), () -> new Observation.Answered(engine.call(call, timeLeft()))));
        checkpoint.reached("after-call:" + call.kind());
        return answered;
    }

    /** What is being undone may take longer than the command's own time. */
    private Duration timeLeft() {
        Duration left = Duration.between(clock.instant(), work.deadlineAt());
        return left.compareTo(LEAST) > 0 ? left : LEAST;
    }

    private Ended complete(Run run, Outcome outcome) throws InterruptedException {
        Duration queued = Duration.between(work.receivedAt(), startedAt.orElseGet(clock::instant))
                .minus(startedAt.isPresent() ? pulledBeforeStart : pulled());
        timings.putFirst("queued", queued.isNegative() ? Duration.ZERO : queued);
        checkpoint.reached("before-completion:" + verb);
        Recorded recorded = commits.record(new LaneStep.End(
                Ending.of(run, outcome, attempt, startedAt, timings, clock.instant())));
        checkpoint.reached("completed:" + verb);
        outcome.containers().stream().flatMap(member -> member.container().stream()).findFirst()
                .ifPresent(container -> MDC.put("container_id", container.id().value()));
        LOG.info("{} {} {}{}", work.key(), verb, outcome.status(),
                outcome.failure().map(failure -> ": " + failure.code() + " " + failure.message()).orElse(""));
        return new Ended(outcome, !(recorded instanceof Recorded.Ended(boolean more)) || more,
                Duration.between(work.receivedAt(), clock.instant()), timings.get("queued"));
    }

    private Duration pulled() {
        return timings.getOrDefault("pull", Duration.ZERO);
    }

    private Observation timed(String phase, Supplier<Observation> action) {
        Instant before = clock.instant();
        try {
            return action.get();
        } finally {
            spent(phase, Duration.between(before, clock.instant()));
        }
    }

    private void spent(String phase, Duration time) {
        timings.merge(phase, time, Duration::plus);
    }
}
