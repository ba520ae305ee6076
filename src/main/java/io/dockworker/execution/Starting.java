package io.dockworker.execution;

import io.dockworker.command.ContainerSnapshot;
import io.dockworker.command.Target;

/**
 * The goal: a container that runs, or that has been started since the intent was recorded. A job that has ended in the
 * meantime was started all the same, and must not run twice.
 */
record Starting(Target target) implements OfContainer {
    @Override
    public Verdict judge(Situation situation, ContainerSnapshot container) {
        if (situation.before().filter(before -> !before.startedAt().equals(container.startedAt())).isPresent()) {
            return new Verdict.Achieved();
        }
        return switch (container.status()) {
            case RUNNING, RESTARTING -> new Verdict.Achieved();
            case PAUSED -> OfContainer.wrongState(container, "unpause it instead of starting it");
            case CREATED, EXITED -> new Verdict.Act(new EngineCall.Start(container.id()));
            case REMOVING, DEAD -> Verdict.failed(Subjects.gone(situation.work()));
        };
    }
}
