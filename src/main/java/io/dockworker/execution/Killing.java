package io.dockworker.execution;

import io.dockworker.command.Command;
import io.dockworker.command.ContainerSnapshot;
import io.dockworker.command.ContainerStatus;
import io.dockworker.command.Target;

/** The goal: a signal that was sent, once. What it does is the container's affair, so no look can tell. */
record Killing(Command.Kill kill) implements OfContainer {
    @Override
    public Target target() {
        return kill.target();
    }

    @Override
    public boolean isRepeatable() {
        return kill.idempotent();
    }

    /** What got its signal may be gone at once, as one that the engine removes when it ends. */
    @Override
    public Verdict judge(Situation situation) {
        return situation.done().isEmpty() ? OfContainer.super.judge(situation) : new Verdict.Achieved();
    }

    @Override
    public Verdict judge(Situation situation, ContainerSnapshot container) {
        if (container.status() == ContainerStatus.RESTARTING) {
            return OfContainer.wrongState(container, "it has no process at present; stop it");
        }
        if (container.isUp()) {
            return new Verdict.Act(new EngineCall.Kill(container.id(), kill.signal()));
        }
        // An earlier attempt whose answer was lost may have ended it, which then was the point.
        return situation.before().filter(ContainerSnapshot::isUp).isPresent()
                ? new Verdict.Achieved()
                : OfContainer.wrongState(container, "only one that runs can get a signal");
    }
}
