package io.dockworker.execution;

import io.dockworker.command.Command;
import io.dockworker.command.ContainerSnapshot;
import io.dockworker.command.ContainerStatus;
import io.dockworker.command.ErrorCode;
import io.dockworker.command.Failure;
import io.dockworker.journal.Work;
import java.time.Duration;
import java.util.Optional;

/** The goal: a container that is no more. */
record Removing(Command.Remove remove) implements Verb {
    private static final Duration WHILE_REMOVING = Duration.ofMillis(500);

    @Override
    public Verdict judge(Situation situation) {
        Work work = situation.work();
        Optional<ContainerSnapshot> seen = situation.seen();
        if (work.container().isEmpty()) {
            return seen.isEmpty() && work.hadContainer()
                    ? new Verdict.Achieved()
                    : Verb.unclaimed(work, remove.target(), seen);
        }
        if (seen.isEmpty()) {
            return new Verdict.Achieved();
        }
        ContainerSnapshot container = seen.get();
        if (container.status() == ContainerStatus.REMOVING) {
            return new Verdict.LookAgain(WHILE_REMOVING);
        }
        if (container.isUp() && !remove.force()) {
            return Verdict.failed(Failure.at("/force", ErrorCode.INVALID_STATE,
                    "the container is " + container.status() + "; stop it first, or remove it with \"force\": true"));
        }
        return new Verdict.Act(new EngineCall.Remove(container.id(), remove.force(), remove.volumes()));
    }

    @Override
    public Verdict refused(Work work, EngineCall call, ContainerEngine.Answer.Refused refusal) {
        return switch (refusal.reason()) {
            case NOT_FOUND -> new Verdict.Achieved();
            // "Removal is already in progress": it ends by itself.
            case CONFLICT -> new Verdict.LookAgain(WHILE_REMOVING);
            case INVALID -> Verdict.failed(Failure.of(ErrorCode.INVALID_COMMAND, refusal.message()));
        };
    }
}
