package io.dockworker.execution;

import io.dockworker.command.ContainerSnapshot;
import io.dockworker.command.Target;

/** The goal: a container that runs and is not frozen. */
record Unpausing(Target target) implements OfContainer {
    @Override
    public Verdict judge(Situation situation, ContainerSnapshot container) {
        return switch (container.status()) {
            case PAUSED -> new Verdict.Act(new EngineCall.Unpause(container.id()));
            case RUNNING, RESTARTING -> new Verdict.Achieved();
            case CREATED, EXITED -> OfContainer.wrongState(container, "start it instead of unpausing it");
            case REMOVING, DEAD -> Verdict.failed(Subjects.gone(situation.work()));
        };
    }
}
