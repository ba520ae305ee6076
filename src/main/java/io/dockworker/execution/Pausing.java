package io.dockworker.execution;

import io.dockworker.command.ContainerSnapshot;
import io.dockworker.command.Target;

/** The goal: a container whose processes are frozen. */
record Pausing(Target target) implements OfContainer {
    @Override
    public Verdict judge(Situation situation, ContainerSnapshot container) {
        return switch (container.status()) {
            case PAUSED -> new Verdict.Achieved();
            case RUNNING -> new Verdict.Act(new EngineCall.Pause(container.id()));
            case CREATED, RESTARTING, EXITED -> OfContainer.wrongState(container, "only one that runs can be paused");
            case REMOVING, DEAD -> Verdict.failed(Subjects.gone(situation.work()));
        };
    }
}
