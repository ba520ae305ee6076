package io.dockworker.execution;

import io.dockworker.command.Command;
import io.dockworker.command.ContainerSnapshot;
import io.dockworker.command.ContainerStatus;
import io.dockworker.command.ErrorCode;
import io.dockworker.command.Failure;
import io.dockworker.command.Target;
import io.dockworker.journal.Work;

/** The goal: a container of this name. */
record Renaming(Command.Rename rename) implements OfContainer {
    @Override
    public Target target() {
        return rename.target();
    }

    @Override
    public Verdict judge(Situation situation, ContainerSnapshot container) {
        if (container.status() == ContainerStatus.RESTARTING) {
            return OfContainer.wrongState(container,
                    "the engine renames none that has no process at present; stop it first");
        }
        return container.name().equals(rename.name().value())
                ? new Verdict.Achieved()
                : new Verdict.Act(new EngineCall.Rename(container.id(), rename.name()));
    }

    @Override
    public Verdict refused(Work work, EngineCall call, ContainerEngine.Answer.Refused refusal) {
        return refusal.reason() == ContainerEngine.Answer.Reason.CONFLICT
                ? Verdict.failed(Failure.at("/name", ErrorCode.NAME_CONFLICT, refusal.message()))
                : Subjects.refused(call, refusal);
    }
}
