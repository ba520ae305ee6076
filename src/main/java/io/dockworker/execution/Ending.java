package io.dockworker.execution;

import io.dockworker.command.Command;
import io.dockworker.command.ContainerEvent;
import io.dockworker.command.ContainerId;
import io.dockworker.command.ContainerSnapshot;
import io.dockworker.command.Outcome;
import io.dockworker.journal.Completion;
import io.dockworker.journal.Intent;
import io.dockworker.journal.Work;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** What the end of a run means for the records: the lane's container, its state, and the events that made it so. */
final class Ending {
    private Ending() {}

    static Completion of(Run run, Outcome outcome, int attempt, Optional<Instant> startedAt,
            Map<String, Duration> timings, Instant now) {
        Work work = run.work();
        Optional<ContainerSnapshot> seen = run.gone() ? Optional.empty() : run.last();
        Optional<ContainerId> gone = run.gone() && !(work.command() instanceof Command.Create)
                ? run.last().map(ContainerSnapshot::id).or(work::container)
                : Optional.empty();
        Optional<ContainerId> holds = gone.isPresent()
                ? Optional.empty()
                : seen.map(ContainerSnapshot::id).or(work::container);
        return new Completion(work, attempt, outcome, startedAt, holds, seen, gone, events(run, now), timings);
    }

    private static List<ContainerEvent> events(Run run, Instant now) {
        List<ContainerEvent> events = new ArrayList<>();
        if (!run.touched() || run.last().isEmpty()) {
            return events;
        }
        ContainerSnapshot after = run.last().get();
        Optional<ContainerSnapshot> before = run.intent().flatMap(Intent::before);
        if (run.gone()) {
            if (run.work().command() instanceof Command.Remove) {
                events.add(event(run.work(), ContainerEvent.Type.REMOVE, after, now));
            }
            return events;
        }
        if (run.work().command() instanceof Command.Create) {
            events.add(event(run.work(), ContainerEvent.Type.CREATE, after, after.createdAt()));
        }
        Optional<Instant> startedBefore = before.flatMap(ContainerSnapshot::startedAt);
        if (!after.startedAt().equals(startedBefore)) {
            after.startedAt().ifPresent(at -> events.add(event(run.work(), ContainerEvent.Type.START, after, at)));
        }
        if (run.work().command() instanceof Command.Stop && !after.isUp()) {
            after.finishedAt().ifPresent(at -> events.add(event(run.work(), ContainerEvent.Type.STOP, after, at)));
        }
        return events;
    }

    private static ContainerEvent event(Work work, ContainerEvent.Type type, ContainerSnapshot container, Instant at) {
        return new ContainerEvent(container.id().abbreviated() + "." + type + "." + at, type, container.id(),
                container.name(), container.image(), work.host(), container.ports(), at, ContainerEvent.Cause.COMMAND,
                Optional.of(work.key().command()),
                type == ContainerEvent.Type.STOP ? OptionalInt.of(container.exitCode()) : OptionalInt.empty(),
                Map.of());
    }
}
