package io.dockworker.execution;

import io.dockworker.command.Command;
import io.dockworker.command.ContainerEvent;
import io.dockworker.command.ContainerId;
import io.dockworker.command.ContainerSnapshot;
import io.dockworker.command.ContainerSpec;
import io.dockworker.command.ContainerStatus;
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
import java.util.function.Predicate;
import java.util.stream.Stream;

/** What the end of a run means for the records: the lane's container, its state, and the events that made it so. */
final class Ending {
    private final Run run;
    private final Work work;
    private final Outcome outcome;
    private final Instant now;
    private final List<ContainerEvent> events = new ArrayList<>();

    private Ending(Run run, Outcome outcome, Instant now) {
        this.run = run;
        this.work = run.work();
        this.outcome = outcome;
        this.now = now;
    }

    static Completion of(Run run, Outcome outcome, int attempt, Optional<Instant> startedAt,
            Map<String, Duration> timings, Instant now) {
        return new Ending(run, outcome, now).completion(attempt, startedAt, timings);
    }

    private Completion completion(int attempt, Optional<Instant> startedAt, Map<String, Duration> timings) {
        if (run.touched() && run.last().isPresent()) {
            tell(run.last().get());
        }
        Optional<ContainerSnapshot> seen = seen();
        Optional<ContainerId> gone = gone();
        Optional<ContainerId> holds = seen.map(ContainerSnapshot::id)
                .or(() -> gone.isPresent() ? Optional.empty() : work.container());
        return new Completion(work, attempt, outcome, startedAt, holds, seen, gone, spec(), freedName(), events,
                timings);
    }

    private boolean succeeded() {
        return outcome.status() == Outcome.Status.SUCCEEDED;
    }

    /** The lane's container as it is now. */
    private Optional<ContainerSnapshot> seen() {
        if (work.command() instanceof Command.Replace && !succeeded()) {
            return successor().or(() -> looked(old -> work.container().filter(old.id()::equals).isPresent()));
        }
        return run.gone() && !(work.command() instanceof Command.Replace) ? Optional.empty() : run.last();
    }

    private Optional<ContainerSnapshot> looked(Predicate<ContainerSnapshot> which) {
        return run.view().looks().stream().flatMap(Optional::stream).filter(which).findFirst();
    }

    /** The new container of a replacement, where the old one is no more. */
    private Optional<ContainerSnapshot> successor() {
        return run.isLost() ? looked(one -> Newborn.isOf(work, one)) : Optional.empty();
    }

    /** The container that is no more. */
    private Optional<ContainerId> gone() {
        if (work.command() instanceof Command.Create) {
            // The one that the lane had before.
            boolean gone = run.view().looks().size() > 1 && run.view().looks().getLast().isEmpty();
            return gone && run.gone() ? work.container() : Optional.empty();
        }
        return run.gone() && !(work.command() instanceof Command.Create)
                ? work.container().or(() -> run.last().map(ContainerSnapshot::id))
                : Optional.empty();
    }

    private Optional<ContainerSpec> spec() {
        return switch (work.command()) {
            case Command.Create create -> run.last().map(_ -> create.spec());
            case Command.Replace replace when succeeded() || successor().isPresent() ->
                new Replacing(replace).specification(work);
            case Command.Update update when succeeded() ->
                work.spec().map(spec -> spec.with(spec.resources().changedBy(update.resources())));
            default -> Optional.empty();
        };
    }

    /** Where another name is wanted: the old name if the lane's container has the new one, else the new one. */
    private Optional<String> freedName() {
        return work.wantedName().flatMap(wanted -> seen()
                .filter(container -> container.name().equals(wanted)).isPresent()
                        ? before().map(ContainerSnapshot::name).filter(name -> !name.equals(wanted))
                        : Optional.of(wanted));
    }

    private Optional<ContainerSnapshot> before() {
        return run.intent().flatMap(Intent::before);
    }

    private void tell(ContainerSnapshot container) {
        switch (work.command()) {
            case Command.Create _ -> {
                if (!run.gone()) {
                    add(ContainerEvent.Type.CREATE, container, container.createdAt());
                    tellStart(container);
                }
            }
            case Command.Start _ -> tellStart(container);
            case Command.Stop _ -> tellStop(container);
            case Command.Restart _ -> {
                tellStopBeforeStart(container);
                tellStart(container);
                if (succeeded()) {
                    container.startedAt().ifPresent(at -> add(ContainerEvent.Type.RESTART, container, at));
                }
            }
            case Command.Remove _ -> {
                if (run.gone()) {
                    add(ContainerEvent.Type.REMOVE, container, now);
                }
            }
            case Command.Replace _ -> tellReplace(container);
            case Command.Pause _ -> tellDone(ContainerEvent.Type.PAUSE, container, Map.of());
            case Command.Unpause _ -> tellDone(ContainerEvent.Type.UNPAUSE, container, Map.of());
            case Command.Kill kill -> tellDone(ContainerEvent.Type.KILL, container, Map.of("signal", kill.signal()));
            case Command.Rename _ -> tellDone(ContainerEvent.Type.RENAME, container,
                    Map.of("old_name", before().map(ContainerSnapshot::name).orElse("")));
            case Command.Update _ -> tellDone(ContainerEvent.Type.UPDATE, container, Map.of());
            case Command.Pull _,Command.Cancel _ -> {
            }
        }
    }

    private void tellStart(ContainerSnapshot container) {
        if (!run.gone() && !container.startedAt().equals(before().flatMap(ContainerSnapshot::startedAt))) {
            container.startedAt().ifPresent(at -> add(ContainerEvent.Type.START, container, at));
        }
    }

    private void tellStop(ContainerSnapshot container) {
        if (!run.gone()) {
            container.finishedAt().filter(end -> !Optional.of(end).equals(before().flatMap(
                    ContainerSnapshot::finishedAt))).ifPresent(at -> add(ContainerEvent.Type.STOP, container, at));
        }
    }

    /**
     * The end in the middle of a restart, as it was seen then: with its next start the engine forgets how it ended, and
     * the next run may have ended, too.
     */
    private void tellStopBeforeStart(ContainerSnapshot container) {
        if (before().filter(ContainerSnapshot::isUp).isPresent()) {
            run.view().ended().or(() -> Optional.of(container).filter(ContainerSnapshot::isUp))
                    .ifPresent(this::tellStop);
        }
    }

    /**
     * Of a replacement that failed the new container's life, and that the old one was started again, are told by whoever
     * watches the engine.
     */
    private void tellReplace(ContainerSnapshot successor) {
        if (succeeded()) {
            add(ContainerEvent.Type.CREATE, successor, successor.createdAt());
            successor.startedAt().ifPresent(at -> add(ContainerEvent.Type.START, successor, at));
            before().ifPresent(this::tellRetired);
        } else if (before().filter(old -> hasRemoved(old.id())).isPresent()) {
            before().ifPresent(this::tellRetired);
        } else {
            before().filter(before -> run.done().stream().anyMatch(EngineCall.Stop.class::isInstance))
                    .flatMap(before -> run.view().first()
                            .filter(old -> !old.finishedAt().equals(before.finishedAt())))
                    .ifPresent(old -> old.finishedAt().ifPresent(at -> add(ContainerEvent.Type.STOP, old, at)));
        }
    }

    private boolean hasRemoved(ContainerId container) {
        return run.gone() && Stream.concat(run.done().stream(), run.unanswered().stream())
                .anyMatch(call -> call instanceof EngineCall.Remove(var id, var _, var _)
                        && id.equals(container));
    }

    /** After a crash in between nobody knows any more when the old container ended. */
    private void tellRetired(ContainerSnapshot before) {
        ContainerSnapshot old = run.view().first().orElse(before);
        if (before.isUp()) {
            add(ContainerEvent.Type.STOP, old, old.isUp() ? now : old.finishedAt().orElse(now));
        }
        add(ContainerEvent.Type.REMOVE, old, now);
    }

    /** The engine keeps no time of these. */
    private void tellDone(ContainerEvent.Type type, ContainerSnapshot container, Map<String, String> attributes) {
        if (succeeded()) {
            add(type, container, now, attributes);
        }
    }

    private void add(ContainerEvent.Type type, ContainerSnapshot container, Instant at) {
        add(type, container, at, Map.of());
    }

    private void add(ContainerEvent.Type type, ContainerSnapshot container, Instant at,
            Map<String, String> attributes) {
        boolean ended = type == ContainerEvent.Type.STOP && container.status() != ContainerStatus.CREATED
                && !container.isUp();
        events.add(new ContainerEvent(container.id().abbreviated() + "." + type + "." + at, type, container.id(),
                container.name(), container.image(), work.host(), container.ports(), at, ContainerEvent.Cause.COMMAND,
                Optional.of(work.key().command()),
                ended ? OptionalInt.of(container.state().exitCode()) : OptionalInt.empty(), attributes));
    }
}
