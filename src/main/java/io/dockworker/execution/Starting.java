package io.dockworker.execution;

import io.dockworker.command.ContainerSnapshot;
import io.dockworker.command.ErrorCode;
import io.dockworker.command.Failure;
import io.dockworker.command.Target;
import io.dockworker.journal.Intent;
import io.dockworker.journal.Work;
import java.util.Optional;

/**
 * The goal: a container that runs, or that has been started since the intent was recorded. A job that has ended in the
 * meantime was started all the same, and must not run twice.
 */
record Starting(Target target) implements Verb {
    @Override
    public Verdict judge(Work work, Optional<Intent> intent, Optional<ContainerSnapshot> seen) {
        if (work.container().isEmpty()) {
            return Verb.unclaimed(work, target, seen);
        }
        if (seen.isEmpty()) {
            return Verdict.failed(Subjects.gone(work));
        }
        ContainerSnapshot container = seen.get();
        boolean startedSince = intent.flatMap(Intent::before)
                .filter(before -> !before.startedAt().equals(container.startedAt())).isPresent();
        if (startedSince) {
            return new Verdict.Achieved();
        }
        return switch (container.status()) {
            case RUNNING, RESTARTING -> new Verdict.Achieved();
            case PAUSED -> Verdict.failed(Failure.of(ErrorCode.INVALID_STATE,
                    "the container is paused; unpause it instead of starting it"));
            case CREATED, EXITED -> new Verdict.Act(new EngineCall.Start(container.id()));
            case REMOVING, DEAD -> Verdict.failed(Subjects.gone(work));
        };
    }

    @Override
    public Verdict refused(Work work, EngineCall call, ContainerEngine.Answer.Refused refusal) {
        return Subjects.refused(work, refusal);
    }
}
