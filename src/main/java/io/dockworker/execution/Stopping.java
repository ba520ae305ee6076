package io.dockworker.execution;

import io.dockworker.command.Command;
import io.dockworker.command.ContainerSnapshot;
import io.dockworker.journal.Intent;
import io.dockworker.journal.Work;
import java.util.Optional;

/** The goal: a container that does not run. */
record Stopping(Command.Stop stop) implements Verb {
    @Override
    public Verdict judge(Work work, Optional<Intent> intent, Optional<ContainerSnapshot> seen) {
        if (work.container().isEmpty()) {
            return Verb.unclaimed(work, stop.target(), seen);
        }
        if (seen.isEmpty()) {
            return Verdict.failed(Subjects.gone(work));
        }
        ContainerSnapshot container = seen.get();
        return container.isUp()
                ? new Verdict.Act(new EngineCall.Stop(container.id(), stop.gracePeriod(), stop.signal()))
                : new Verdict.Achieved();
    }

    @Override
    public Verdict refused(Work work, EngineCall call, ContainerEngine.Answer.Refused refusal) {
        return Subjects.refused(work, refusal);
    }
}
