package io.dockworker.execution;

import io.dockworker.command.ContainerSnapshot;
import io.dockworker.command.ErrorCode;
import io.dockworker.command.Failure;
import io.dockworker.command.Target;
import io.dockworker.journal.Work;

/** A verb for one existing container that must still exist: what they share. */
interface OfContainer extends Verb {
    Target target();

    /** Judges the container, which is there and is not being removed. */
    Verdict judge(Situation situation, ContainerSnapshot container);

    @Override
    default Verdict judge(Situation situation) {
        if (situation.work().container().isEmpty()) {
            return Verb.unclaimed(situation.work(), target(), situation.seen());
        }
        if (situation.seen().isEmpty()) {
            return Verdict.failed(Subjects.gone(situation.work()));
        }
        ContainerSnapshot container = situation.seen().get();
        return switch (container.status()) {
            case REMOVING, DEAD -> Verdict.failed(Subjects.gone(situation.work()));
            case CREATED, RUNNING, PAUSED, RESTARTING, EXITED -> judge(situation, container);
        };
    }

    @Override
    default Verdict refused(Work work, EngineCall call, ContainerEngine.Answer.Refused refusal) {
        return Subjects.refused(call, refusal);
    }

    static Verdict wrongState(ContainerSnapshot container, String mend) {
        return Verdict
                .failed(Failure.of(ErrorCode.INVALID_STATE, "the container is " + container.status() + "; " + mend));
    }
}
