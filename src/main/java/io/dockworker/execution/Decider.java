package io.dockworker.execution;

import io.dockworker.command.ContainerSnapshot;
import io.dockworker.command.ErrorCode;
import io.dockworker.command.Failure;
import io.dockworker.command.ImageName;
import io.dockworker.command.ImagePull;
import io.dockworker.command.Outcome;
import io.dockworker.execution.ContainerEngine.Answer;
import io.dockworker.execution.ContainerEngine.ImagePresence;
import io.dockworker.execution.ContainerEngine.Inspection;
import io.dockworker.journal.Intent;
import io.dockworker.journal.Work;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
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
    /** So long beyond the deadline an engine is asked that gives no answer. */
    private static final Duration UNDOING = Duration.ofMinutes(2);
    private static final Duration MAX_BACKOFF = Duration.ofSeconds(5);

    /** A step, and the run as it stands while the step is taken. */
    record Move(Run run, Step step) {}

    private Decider() {}

    static Move next(Run run, Observation observation, Instant now) {
        return switch (observation) {
            case Observation.Handed _ -> begin(run, now);
            case Observation.Committed _ -> committed(run, now);
            case Observation.Noted _ -> look(run, now);
            case Observation.Expired _ -> expired(run);
            case Observation.Image(ImagePresence presence) -> image(run, presence, now);
            case Observation.Answered(Answer answer) -> answered(run, answer, now);
            case Observation.Looked(List<Inspection> inspections) -> looked(run, inspections, now);
            case Observation.Waited _ -> look(run, now);
        };
    }

    private static Verb verb(Run run) {
        return Verb.of(run.work().command());
    }

    private static Move begin(Run run, Instant now) {
        if (run.work().attempts() - run.work().interruptions() >= MAX_ATTEMPTS) {
            return end(run, Outcome.Status.UNKNOWN, Failure.of(ErrorCode.OUTCOME_UNKNOWN,
                    MAX_ATTEMPTS
                            + " attempts ended in a crash of the worker; look at the container before you repeat it"));
        }
        if (run.intent().isEmpty()) {
            return run.work().expiresAt().filter(at -> !at.isAfter(now)).isPresent() ? expired(run) : look(run, now);
        }
        // An earlier life may have acted: put this attempt on record with the old intent, then settle what is true.
        return verb(run).isRepeatable() ? commit(run, run.intent().get()) : neverAgain(run);
    }

    private static Move committed(Run run, Instant now) {
        if (run.pending().isPresent()) {
            return new Move(run, new Step.Call(run.pending().get()));
        }
        // What is of the image alone has changed no container, so an earlier life has left nothing in doubt.
        return look(verb(run).isOfImage() ? run : run.doubting(Doubt.because(Optional.empty())), now);
    }

    private static Move expired(Run run) {
        return end(run, Outcome.Status.EXPIRED,
                Failure.at("/expires_at", ErrorCode.EXPIRED, "it was not begun before it expired"));
    }

    private static Move neverAgain(Run run) {
        return end(run, Outcome.Status.UNKNOWN, Failure.of(ErrorCode.OUTCOME_UNKNOWN, "nobody knows whether the "
                + run.work().command().type() + " was done, and it is not done twice"));
    }

    private static Move image(Run run, ImagePresence presence, Instant now) {
        return switch (presence) {
            case ImagePresence.Present(boolean changed) -> look(run.withImage(changed), now);
            case ImagePresence.Missing(Failure failure) -> end(run, Outcome.Status.FAILED, failure);
            case ImagePresence.Pulling _ -> timeout(run, "its image was still being pulled when its deadline passed");
            case ImagePresence.Away(String reason) -> away(run, reason, now);
        };
    }

    private static Move answered(Run run, Answer answer, Instant now) {
        EngineCall call = run.pending().orElseThrow();
        Run called = run.called();
        return switch (answer) {
            case Answer.Done _ -> look(called.done(call), now);
            case Answer.Refused refusal -> follow(called,
                    unlessBegun(run, verb(run).refused(run.work(), call, refusal)), now);
            case Answer.Impossible(Failure failure) -> end(called, Outcome.Status.FAILED, failure);
            case Answer.NotSent(String reason) -> away(run, reason, now);
            case Answer.Unknown(String _, Optional<String> complaint) -> verb(run).isRepeatable()
                    ? look(called.unanswered(call)
                            .doubting(Doubt.because(complaint.map(words -> new Doubt.Complaint(call, words)))),
                            now)
                    : neverAgain(called);
        };
    }

    /** What has been begun and has to be undone is no mere rejection any more. */
    private static Verdict unlessBegun(Run run, Verdict verdict) {
        boolean untouched = run.work().attempts() == 0 && run.done().isEmpty() && run.unanswered().isEmpty();
        return verdict instanceof Verdict.GiveUp(Outcome.Status status, Failure failure)
                && status == Outcome.Status.REJECTED && verb(run).isUndone() && !untouched
                        ? Verdict.failed(failure)
                        : verdict;
    }

    private static Move looked(Run run, List<Inspection> inspections, Instant now) {
        List<Optional<ContainerSnapshot>> looks = new ArrayList<>();
        for (Inspection inspection : inspections) {
            switch (inspection) {
                case Inspection.Away(String reason) -> {
                    return away(run, reason, now);
                }
                case Inspection.Absent _ -> looks.add(Optional.empty());
                case Inspection.Seen(ContainerSnapshot container) -> looks.add(Optional.of(container));
            }
        }
        Run looked = run.saw(List.copyOf(looks));
        if (run.doubt().isPresent()) {
            Doubt doubt = run.doubt().get();
            if (!doubt.rested()) {
                return new Move(looked.doubting(doubt.rest()), new Step.Wait(REST));
            }
            if (!doubt.previous().equals(Optional.of(inspections))) {
                if (doubt.previous().isPresent() && !run.work().deadlineAt().isAfter(now)) {
                    return end(looked, Outcome.Status.UNKNOWN, Failure.of(ErrorCode.OUTCOME_UNKNOWN,
                            "the container kept changing until the deadline"));
                }
                return new Move(looked.doubting(doubt.after(inspections)), new Step.Wait(BETWEEN_LOOKS));
            }
            looked = looked.settled();
        }
        return judge(looked, now);
    }

    private static Move judge(Run run, Instant now) {
        return follow(run, verb(run).judge(run.situation(now)), now);
    }

    private static Move follow(Run run, Verdict verdict, Instant now) {
        return switch (verdict) {
            case Verdict.Achieved _ -> new Move(run, new Step.Complete(achieved(run)));
            case Verdict.GiveUp(Outcome.Status status, Failure failure) -> end(run, status, failure);
            case Verdict.LookAgain(Duration after) -> run.work().deadlineAt().isAfter(now)
                    ? new Move(run, new Step.Wait(after))
                    : timeout(run, "the engine did not finish what it had begun");
            case Verdict.NeedImage(ImageName image, ImagePull pull) -> needImage(run, image, pull, now);
            case Verdict.Note(Intent intent) -> new Move(run.recorded(intent), new Step.Note(intent));
            case Verdict.Act(EngineCall call) -> act(run, call, now);
        };
    }

    /** To most it is only on the way to what they do; what is of the image alone begins here. */
    private static Move needImage(Run run, ImageName image, ImagePull pull, Instant now) {
        if (isLate(run, now)) {
            return timeout(run, "its deadline passed before it could be done");
        }
        return verb(run).isOfImage() && !run.committed()
                ? commit(run, new Intent(Optional.empty()))
                : new Move(run, new Step.EnsureImage(image, pull));
    }

    private static Move act(Run run, EngineCall call, Instant now) {
        Optional<Doubt.Complaint> complaint = run.complaint().filter(said -> said.call().equals(call));
        if (complaint.isPresent()) {
            // The engine answered with an error and, settled, nothing has changed: it would say the same again.
            Failure failure = verb(run).complained(run.work(), complaint.get().words());
            Optional<Failure> undoing = run.intent().flatMap(Intent::undoing);
            boolean again = verb(run).isUndone() && hasNoWayBack(run) && run.work().deadlineAt().isAfter(now);
            if (undoing.isEmpty() && !again) {
                return follow(run, Verdict.failed(failure), now);
            }
            // What was begun must not be left lying about, so here it is asked again as long as there is time.
            return run.work().deadlineAt().isAfter(now)
                    ? new Move(run.forgiven(), new Step.Wait(BETWEEN_LOOKS))
                    : end(run, Outcome.Status.FAILED, Failure.of(undoing.get().code(), undoing.get().message()
                            + "; and what was begun could not be undone: " + failure.message()));
        }
        boolean undoing = run.intent().flatMap(Intent::undoing).isPresent();
        Instant limit = undoing ? undoneBy(run) : run.work().deadlineAt();
        if (!limit.isAfter(now) && run.unanswered().filter(call::equals).isPresent()) {
            // Settled is not withdrawn: an engine that was asked and gave no answer in time may still be at it.
            return end(run, Outcome.Status.UNKNOWN, Failure.of(ErrorCode.OUTCOME_UNKNOWN, "the engine was asked to "
                    + call.kind() + " and had not done it by the deadline; it may still do it"));
        }
        if (isLate(run, now)) {
            return timeout(run, "its deadline passed before it could be done");
        }
        Run acting = run.pending(call);
        return run.committed() ? new Move(acting, new Step.Call(call)) : commit(acting, new Intent(run.last()));
    }

    /** A worker may have been down until long after the deadline. */
    private static Instant undoneBy(Run run) {
        Work work = run.work();
        return (work.readAt().isAfter(work.deadlineAt()) ? work.readAt() : work.deadlineAt()).plus(UNDOING);
    }

    /** What is being undone is undone to its end; and where there is nothing to go back to, it is done to its end. */
    private static boolean isLate(Run run, Instant now) {
        return !run.work().deadlineAt().isAfter(now) && run.intent().flatMap(Intent::undoing).isEmpty()
                && !(verb(run).isUndone() && hasNoWayBack(run));
    }

    private static boolean hasNoWayBack(Run run) {
        return run.touched() && run.isLost();
    }

    private static Move away(Run run, String reason, Instant now) {
        if (run.work().deadlineAt().isAfter(now)) {
            long millis = Math.min(MAX_BACKOFF.toMillis(), 100L << Math.min(run.setbacks(), 10));
            return new Move(run.setBack(), new Step.Wait(Duration.ofMillis(millis)));
        }
        // What was done and not seen since must not be called a failure either, nor what nobody can undo now.
        return run.doubt().isPresent() || run.view().unseen() || (run.touched() && verb(run).isUndone())
                ? end(run, Outcome.Status.UNKNOWN, Failure.of(ErrorCode.OUTCOME_UNKNOWN,
                        "the engine took the call, but has been away since: " + reason))
                : timeout(run, "the engine is away: " + reason);
    }

    private static Move commit(Run run, Intent intent) {
        return new Move(run.recorded(intent), new Step.Commit(intent));
    }

    private static Move look(Run run, Instant now) {
        List<String> subjects = verb(run).subjects(run.work(), run.intent());
        return subjects.isEmpty() ? judge(run, now) : new Move(run, new Step.Inspect(subjects));
    }

    private static Move timeout(Run run, String why) {
        return end(run, Outcome.Status.FAILED, Failure.retryable(ErrorCode.TIMEOUT, why));
    }

    private static Outcome achieved(Run run) {
        boolean changed = run.image() == Run.Image.CHANGED || (run.touched() && !verb(run).isOfImage());
        return run.last()
                .map(container -> Outcome.succeeded(changed, Outcome.Member.seen(run.work().host(), container,
                        Outcome.Status.SUCCEEDED, Optional.empty())))
                .orElseGet(() -> Outcome.succeeded(changed));
    }

    private static Move end(Run run, Outcome.Status status, Failure failure) {
        boolean begun = run.intent().filter(intent -> intent.undoing().isEmpty()).isPresent();
        if (status == Outcome.Status.FAILED && begun && verb(run).isUndone() && !hasNoWayBack(run)) {
            Intent undoing = run.intent().get().undone(failure);
            return new Move(run.recorded(undoing), new Step.Note(undoing));
        }
        Outcome outcome = run.last()
                .map(container -> Outcome.ended(status, failure,
                        Outcome.Member.seen(run.work().host(), container, status, Optional.of(failure))))
                .orElseGet(() -> run.work().ended(status, failure));
        return new Move(run, new Step.Complete(outcome));
    }
}
