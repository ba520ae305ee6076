package io.dockworker.execution;

import io.dockworker.command.Command;
import io.dockworker.command.ContainerSnapshot;
import io.dockworker.command.ContainerStatus;
import io.dockworker.command.ErrorCode;
import io.dockworker.command.Failure;
import io.dockworker.command.Labels;
import io.dockworker.journal.Intent;
import io.dockworker.journal.Work;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The goal: a container that is ours, and that has been started once. The name and the labels carry the command's
 * identity, so a container that an earlier attempt made is recognised. One that has ended by itself since must not run a
 * second time, hence the time of its start counts, not whether it runs.
 */
record Creating(Command.Create create) implements Verb {
    private static final Duration RESERVATION = Duration.ofMillis(200);

    @Override
    public Verdict judge(Work work, Optional<Intent> intent, Optional<ContainerSnapshot> found) {
        // The engine also takes a name for the beginning of an id: "db" finds the container db53…, whatever its name.
        Optional<ContainerSnapshot> seen = found.filter(container -> container.name().equals(work.subject()));
        if (seen.isEmpty()) {
            return new Verdict.Act(new EngineCall.Create(create.memberName(work.key().child()), create.spec(),
                    labels(work)));
        }
        ContainerSnapshot container = seen.get();
        if (!concerns(work, container)) {
            return Verdict.failed(Failure.at("/name", ErrorCode.NAME_CONFLICT,
                    "the name " + container.name() + " is held by container " + container.id().abbreviated()));
        }
        if (container.status() == ContainerStatus.REMOVING || container.status() == ContainerStatus.DEAD) {
            return Verdict.failed(Failure.of(ErrorCode.NOT_FOUND, "somebody removed the container while it was made"));
        }
        if (!create.start() || container.startedAt().isPresent()) {
            return new Verdict.Achieved();
        }
        if (!container.error().isEmpty()) {
            return Verdict.failed(Complaints.failure(container.error()));
        }
        return new Verdict.Act(new EngineCall.Start(container.id()));
    }

    @Override
    public Verdict refused(Work work, EngineCall call, ContainerEngine.Answer.Refused refusal) {
        return switch (refusal.reason()) {
            // Either name is held, which the next look shows, or it is reserved for a create still in flight.
            case CONFLICT -> new Verdict.LookAgain(RESERVATION);
            case NOT_FOUND -> call instanceof EngineCall.Create
                    ? Verdict.failed(Failure.at("/image", ErrorCode.IMAGE_NOT_FOUND, refusal.message()))
                    // Of a start: the container, or something that it needs, such as its network.
                    : Verdict.failed(Failure.of(ErrorCode.NOT_FOUND, refusal.message()));
            case INVALID -> Verdict.failed(Failure.of(ErrorCode.INVALID_COMMAND, refusal.message()));
        };
    }

    private Map<String, String> labels(Work work) {
        Map<String, String> labels = new LinkedHashMap<>(create.spec().labels());
        labels.put(Labels.MANAGED_BY, create.spec().image().given());
        labels.putAll(identity(work));
        return labels;
    }

    private static Map<String, String> identity(Work work) {
        return Map.of(Labels.COMMAND_ID, work.key().command().value(), Labels.HOST, work.host().value(),
                Labels.SPEC_HASH, work.specHash().orElseThrow());
    }

    /** Labels alone prove nothing, since {@code docker commit} copies them into images; the name is looked up too. */
    @Override
    public boolean concerns(Work work, ContainerSnapshot container) {
        return container.name().equals(work.subject())
                && container.labels().entrySet().containsAll(identity(work).entrySet());
    }
}
