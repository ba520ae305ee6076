package io.dockworker.execution;

import io.dockworker.command.Command;
import io.dockworker.command.ContainerSnapshot;
import io.dockworker.command.ContainerStatus;
import io.dockworker.command.Limits;
import io.dockworker.command.Resources;
import io.dockworker.command.Target;

/** The goal: a container with these limits. */
record Updating(Command.Update update) implements OfContainer {
    @Override
    public Target target() {
        return update.target();
    }

    @Override
    public Verdict judge(Situation situation, ContainerSnapshot container) {
        if (container.status() == ContainerStatus.RESTARTING) {
            return OfContainer.wrongState(container, "the engine changes no limits then; stop it first");
        }
        return holds(update.resources(), container.limits())
                ? new Verdict.Achieved()
                : new Verdict.Act(new EngineCall.Update(container.id(), update.resources()));
    }

    private static boolean holds(Resources wanted, Limits limits) {
        boolean pids = wanted.pids().isEmpty()
                || (wanted.pids().getAsLong() == -1 ? limits.pids().isEmpty() : wanted.pids().equals(limits.pids()));
        return pids && (wanted.cpu().isEmpty() || wanted.cpu().equals(limits.cpu()))
                && (wanted.memory().isEmpty() || wanted.memory().equals(limits.memory()))
                && (wanted.memoryReservation().isEmpty()
                        || wanted.memoryReservation().equals(limits.memoryReservation()));
    }
}
