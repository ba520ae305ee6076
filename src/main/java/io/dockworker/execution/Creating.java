package io.dockworker.execution;

import io.dockworker.command.Command;
import io.dockworker.command.ContainerId;
import io.dockworker.command.ContainerSnapshot;
import io.dockworker.command.ContainerStatus;
import io.dockworker.command.ErrorCode;
import io.dockworker.command.Failure;
import io.dockworker.journal.Intent;
import io.dockworker.journal.Work;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The goal: a container that is ours, and that has been started once. The name and the labels carry the command's
 * identity, so a container that an earlier attempt made is recognised. One that has ended by itself since must not run a
 * second time, hence the time of its start counts, not whether it runs.
 */
record Creating(Command.Create create) implements Verb {
    /** By name; and the container that the lane has by now, since it may have given up the name. */
    @Override
    public List<String> subjects(Work work, Optional<Intent> intent) {
        return Stream.concat(Stream.of(work.subject()), work.container().map(ContainerId::value).stream()).toList();
    }

    @Override
    public Verdict judge(Situation situation) {
        Work work = situation.work();
        // The engine also takes a name for the beginning of an id: "db" finds the container db53…, whatever its name.
        Optional<ContainerSnapshot> seen = situation.seen()
                .filter(container -> container.name().equals(work.subject()));
        var newborn = new Newborn(work, create.memberName(work.key().child()), create.spec());
        if (seen.isEmpty() && hasAnother(situation)) {
            return Verdict.failed(new Failure(ErrorCode.NAME_CONFLICT, "when this was accepted, the name "
                    + work.subject() + " was that of a container that has another one now; send it again",
                    Optional.of("/name"), true));
        }
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

    /** A lane has one container: a second one would get the commands that are meant for the first. */
    private static boolean hasAnother(Situation situation) {
        return situation.looks().stream().skip(1).flatMap(Optional::stream)
                .anyMatch(container -> !Newborn.isOf(situation.work(), container)
                        && container.status() != ContainerStatus.REMOVING
                        && container.status() != ContainerStatus.DEAD);
    }

    @Override
    public Verdict refused(Work work, EngineCall call, ContainerEngine.Answer.Refused refusal) {
        return call instanceof EngineCall.Create && refusal.reason() == ContainerEngine.Answer.Reason.INVALID
                ? Verdict.refused(refusal.message())
                : Newborn.refused(call, refusal);
    }

    @Override
    public Failure complained(Work work, String complaint) {
        return Complaints.failure(complaint, create.spec());
    }

    /** Labels alone prove nothing, since {@code docker commit} copies them into images; the name is looked up too. */
    @Override
    public Optional<ContainerSnapshot> shown(Work work, List<Optional<ContainerSnapshot>> looks) {
        return looks.getFirst().filter(
                container -> container.name().equals(work.subject()) && Newborn.isOf(work, container));
    }
}
