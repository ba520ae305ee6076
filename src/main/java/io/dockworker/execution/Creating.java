package io.dockworker.execution;

import io.dockworker.command.Command;
import io.dockworker.command.ContainerSnapshot;
import io.dockworker.command.ErrorCode;
import io.dockworker.command.Failure;
import io.dockworker.journal.Work;
import java.util.List;
import java.util.Optional;

/**
 * The goal: a container that is ours, and that has been started once. The name and the labels carry the command's
 * identity, so a container that an earlier attempt made is recognised. One that has ended by itself since must not run a
 * second time, hence the time of its start counts, not whether it runs.
 */
record Creating(Command.Create create) implements Verb {
    @Override
    public Verdict judge(Situation situation) {
        Work work = situation.work();
        // The engine also takes a name for the beginning of an id: "db" finds the container db53…, whatever its name.
        Optional<ContainerSnapshot> seen = situation.seen()
                .filter(container -> container.name().equals(work.subject()));
        var newborn = new Newborn(work, create.memberName(work.key().child()), create.spec());
        if (seen.isEmpty()) {
            return newborn.made(situation.imageReady());
        }
        ContainerSnapshot container = seen.get();
        if (!Newborn.isOf(work, container)) {
            return Verdict.failed(Failure.at("/name", ErrorCode.NAME_CONFLICT,
                    "the name " + container.name() + " is held by container " + container.id().abbreviated()));
        }
        return newborn.started(container, create.start());
    }

    @Override
    public Verdict refused(Work work, EngineCall call, ContainerEngine.Answer.Refused refusal) {
        return Newborn.refused(call, refusal);
    }

    /** Labels alone prove nothing, since {@code docker commit} copies them into images; the name is looked up too. */
    @Override
    public Optional<ContainerSnapshot> shown(Work work, List<Optional<ContainerSnapshot>> looks) {
        return looks.getFirst().filter(
                container -> container.name().equals(work.subject()) && Newborn.isOf(work, container));
    }
}
