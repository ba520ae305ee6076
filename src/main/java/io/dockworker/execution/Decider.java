package io.dockworker.execution;

import io.dockworker.command.Command;
import io.dockworker.command.ContainerSnapshot;
import io.dockworker.command.ErrorCode;
import io.dockworker.command.Failure;
import io.dockworker.command.Outcome;
import io.dockworker.journal.Intent;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * The core: from how far a run has come and what was observed last, the next step. It has no I/O, no threads and no
 * clock, so the same class runs in production and in simulation.
 *
 * <p>The course of a run: look, judge, and if the goal does not hold: record the intent, act, look, judge. An answer that
 * was lost is no failure. It puts the run in {@link Doubt}, which ends when the engine has rested and two looks agree;
 * then the same judgement decides whether the goal holds or the act is to be done again.
 */
final class Decider {
    /** After so many attempts that ended in a crash, the command itself may be what crashes us. */
    static final int MAX_ATTEMPTS = 5;
    static final Duration REST = Duration.ofSeconds(2);
    static final Duration BETWEEN_LOOKS = Duration.ofSeconds(1);
    private static final Duration MAX_BACKOFF = Duration.ofSeconds(5);

    /** A step, and the run as it stands while the step is taken. */
    record Move(Run run, Step step) {}

    private Decider() {}

    static Verb verb(Command command) {
        return switch (command) {
            case Command.Create create -> new Creating(create);
            case Command.Start start -> new Starting(start.target());
            case Command.Stop stop -> new Stopping(stop);
            case Command.Remove remove -> new Removing(remove);
        };
    }

    static Move next(Run run, Observation observation, Instant now) {
        return switch (observation) {
            case Observation.Handed _ -> begin(run);
            case Observation.Committed _ -> run.pending().isPresent()
                    ? new Move(run, new Step.Call(run.pending().get()))
                    : look(run.doubting(Doubt.because(Optional.empty())));
            case Observation.NotBegun(Outcome.Status status, Failure failure) -> end(run, status, failure);
            case Observation.Image(ContainerEngine.ImagePresence presence) -> image(run, presence, now);
            case Observation.Answered(ContainerEngine.Answer answer) -> answered(run, answer, now);
            case Observation.Looked(ContainerEngine.Inspection inspection) -> looked(run, inspection, now);
            case Observation.Waited _ -> look(run);
        };
    }

    private static Move begin(Run run) {
        if (run.work().attempts() >= MAX_ATTEMPTS) {
            return end(run, Outcome.Status.UNKNOWN, Failure.of(ErrorCode.OUTCOME_UNKNOWN,
                    MAX_ATTEMPTS
                            + " attempts ended in a crash of the worker; look at the container before you repeat it"));
        }
        // An earlier life may have acted: put this attempt on record with the old intent, then settle what is true.
        return run.intent().isPresent() ? commit(run, run.intent().get()) : look(run);
    }

    private static Move image(Run run, ContainerEngine.ImagePresence presence, Instant now) {
        return switch (presence) {
            case ContainerEngine.ImagePresence.Present _ -> look(run.withImage());
            case ContainerEngine.ImagePresence.Missing(Failure failure) -> end(run, Outcome.Status.FAILED, failure);
            case ContainerEngine.ImagePresence.Away(String reason) -> away(run, reason, now);
        };
    }

    private static Move answered(Run run, ContainerEngine.Answer answer, Instant now) {
        Run called = run.called();
        return switch (answer) {
            case ContainerEngine.Answer.Done _ -> look(called.done());
            case ContainerEngine.Answer.Refused refusal ->
                follow(called, verb(run.work().command()).refused(run.work(), run.pending().orElseThrow(), refusal),
                        now);
            case ContainerEngine.Answer.NotSent(String reason) -> away(run, reason, now);
            case ContainerEngine.Answer.Unknown(String _, Optional<String> complaint) ->
                look(called.doubting(Doubt.because(
                        complaint.map(words -> new Doubt.Complaint(run.pending().orElseThrow(), words)))));
        };
    }

    private static Move looked(Run run, ContainerEngine.Inspection inspection, Instant now) {
        return switch (inspection) {
            case ContainerEngine.Inspection.Away(String reason) -> away(run, reason, now);
            case ContainerEngine.Inspection.Absent _ -> saw(run, inspection, Optional.empty(), now);
            case ContainerEngine.Inspection.Seen(ContainerSnapshot container) ->
                saw(run, inspection, Optional.of(container), now);
        };
    }

    private static Move saw(Run run, ContainerEngine.Inspection inspection, Optional<ContainerSnapshot> seen,
            Instant now) {
        Run looked = run.saw(seen);
        if (run.doubt().isPresent()) {
            Doubt doubt = run.doubt().get();
            if (!doubt.rested()) {
                return new Move(looked.doubting(doubt.rest()), new Step.Wait(REST));
            }
            if (!doubt.previous().equals(Optional.of(inspection))) {
                if (doubt.previous().isPresent() && !run.work().deadlineAt().isAfter(now)) {
                    return end(looked, Outcome.Status.UNKNOWN, Failure.of(ErrorCode.OUTCOME_UNKNOWN,
                            "the container kept changing until the deadline"));
                }
                return new Move(looked.doubting(doubt.after(inspection)), new Step.Wait(BETWEEN_LOOKS));
            }
            looked = looked.settled();
        }
        return follow(looked, verb(run.work().command()).judge(run.work(), run.intent(), seen), now);
    }

    private static Move follow(Run run, Verdict verdict, Instant now) {
        return switch (verdict) {
            case Verdict.Achieved _ -> new Move(run, new Step.Complete(achieved(run)));
            case Verdict.GiveUp(Outcome.Status status, Failure failure) -> end(run, status, failure);
            case Verdict.LookAgain(Duration after) -> run.work().deadlineAt().isAfter(now)
                    ? new Move(run, new Step.Wait(after))
                    : timeout(run, "the engine did not finish what it had begun");
            case Verdict.Act(EngineCall call) -> act(run, call, now);
        };
    }

    private static Move act(Run run, EngineCall call, Instant now) {
        Optional<Doubt.Complaint> complaint = run.complaint().filter(said -> said.call().equals(call));
        if (complaint.isPresent()) {
            // The engine answered with an error and, settled, nothing has changed: it would say the same again.
            return end(run, Outcome.Status.FAILED, Complaints.failure(complaint.get().words()));
        }
        if (!run.work().deadlineAt().isAfter(now)) {
            return timeout(run, "its deadline passed before it could be done");
        }
        if (call instanceof EngineCall.Create create && !run.imageReady()) {
            return new Move(run, new Step.EnsureImage(create.spec().image(), create.spec().pullPolicy()));
        }
        Run acting = run.pending(call);
        return run.committed() ? new Move(acting, new Step.Call(call)) : commit(acting, new Intent(run.last()));
    }

    private static Move away(Run run, String reason, Instant now) {
        if (run.work().deadlineAt().isAfter(now)) {
            long millis = Math.min(MAX_BACKOFF.toMillis(), 100L << Math.min(run.setbacks(), 10));
            return new Move(run.setBack(), new Step.Wait(Duration.ofMillis(millis)));
        }
        // What was done and not seen since must not be called a failure either.
        return run.doubt().isPresent() || run.unseen()
                ? end(run, Outcome.Status.UNKNOWN, Failure.of(ErrorCode.OUTCOME_UNKNOWN,
                        "the engine took the call, but has been away since: " + reason))
                : timeout(run, "the engine is away: " + reason);
    }

    private static Move commit(Run run, Intent intent) {
        return new Move(run.recorded(intent), new Step.Commit(intent));
    }

    private static Move look(Run run) {
        return new Move(run, new Step.Inspect(run.work().subject()));
    }

    private static Move timeout(Run run, String why) {
        return end(run, Outcome.Status.FAILED, Failure.retryable(ErrorCode.TIMEOUT, why));
    }

    private static Outcome achieved(Run run) {
        return run.last()
                .map(container -> Outcome.succeeded(run.touched(), Outcome.Member.seen(run.work().host(), container,
                        Outcome.Status.SUCCEEDED, Optional.empty())))
                .orElseGet(() -> Outcome.succeeded(run.touched()));
    }

    private static Move end(Run run, Outcome.Status status, Failure failure) {
        Outcome outcome = run.last()
                .map(container -> Outcome.ended(status, failure,
                        Outcome.Member.seen(run.work().host(), container, status, Optional.of(failure))))
                .orElseGet(() -> run.work().ended(status, failure));
        return new Move(run, new Step.Complete(outcome));
    }
}
