package io.dockworker.execution;

import io.dockworker.command.Command;
import io.dockworker.command.ContainerSnapshot;
import io.dockworker.command.Target;

/**
 * The goal: a container that has been started since the intent was recorded. Stopped and started by two calls, since
 * after a lost answer to the engine's own restart nobody could tell which half was done.
 */
record Restarting(Command.Restart restart) implements OfContainer {
    @Override
    public Target target() {
        return restart.target();
    }

    @Override
    public Verdict judge(Situation situation, ContainerSnapshot container) {
        if (situation.before().filter(before -> !before.startedAt().equals(container.startedAt())).isPresent()) {
            return new Verdict.Achieved();
        }
        return container.isUp()
                ? new Verdict.Act(new EngineCall.Stop(container.id(), restart.gracePeriod(), restart.signal()))
                : new Verdict.Act(new EngineCall.Start(container.id()));
    }
}
