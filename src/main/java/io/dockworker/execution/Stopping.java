package io.dockworker.execution;

import io.dockworker.command.Command;
import io.dockworker.command.ContainerSnapshot;
import io.dockworker.command.Target;

/** The goal: a container that does not run. */
record Stopping(Command.Stop stop) implements OfContainer {
    @Override
    public Target target() {
        return stop.target();
    }

    @Override
    public Verdict judge(Situation situation, ContainerSnapshot container) {
        return container.isUp()
                ? new Verdict.Act(new EngineCall.Stop(container.id(), stop.gracePeriod(), stop.signal()))
                : new Verdict.Achieved();
    }
}
