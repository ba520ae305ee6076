package io.dockworker.execution;

import io.dockworker.command.Command;
import io.dockworker.command.ContainerSnapshot;
import io.dockworker.journal.Intent;
import io.dockworker.journal.Work;
import java.util.List;
import java.util.Optional;

/** The goal: an image that its registry was asked for. */
record Pulling(Command.Pull pull) implements Verb {
    @Override
    public List<String> subjects(Work work, Optional<Intent> intent) {
        return List.of();
    }

    @Override
    public Optional<ContainerSnapshot> shown(Work work, List<Optional<ContainerSnapshot>> looks) {
        return Optional.empty();
    }

    @Override
    public Verdict judge(Situation situation) {
        return situation.imageReady() ? new Verdict.Achieved() : new Verdict.NeedImage(pull.image(), pull.pull());
    }

    @Override
    public boolean isOfImage() {
        return true;
    }

    @Override
    public Verdict refused(Work work, EngineCall call, ContainerEngine.Answer.Refused refusal) {
        throw new IllegalStateException("a pull makes no call");
    }
}
