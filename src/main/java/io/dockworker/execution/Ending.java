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
            return run.view().looks().stream().flatMap(Optional::stream)
                    .filter(old -> work.container().filter(old.id()::equals).isPresent()).findFirst();
        }
        return run.gone() && !(work.command() instanceof Command.Replace) ? Optional.empty() : run.last();
    }

    /** The container that is no more. */
    private Optional<ContainerId> gone() {
        return run.gone() && !(work.command() instanceof Command.Create)
                ? work.container().or(() -> run.last().map(ContainerSnapshot::id))
                : Optional.empty();
    }

    private Optional<ContainerSpec> spec() {
        return switch (work.command()) {
            case Command.Create create -> run.last().map(_ -> create.spec());
            case Command.Replace replace when succeeded() -> new Replacing(replace).specification(work);
            case Command.Update update when succeeded() ->
                work.spec().map(spec -> spec.with(spec.resources().changedBy(update.resources())));
            default -> Optional.empty();
        };
    }

    /** Of a renaming: the old name where it was done, else the new one. */
    private Optional<String> freedName() {
        if (!(work.command() instanceof Command.Rename rename)) {
            return Optional.empty();
        }
        String wanted = rename.name().value();
        Optional<String> has = run.last().map(ContainerSnapshot::name);
        return has.filter(wanted::equals).isPresent()
                ? before().map(ContainerSnapshot::name).filter(name -> !name.equals(wanted))
                : Optional.of(wanted);
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
                tellStop(container);
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
        boolean ended = !run.gone()
                && !container.finishedAt().equals(before().flatMap(ContainerSnapshot::finishedAt));
        if (ended) {
            container.finishedAt().ifPresent(at -> add(ContainerEvent.Type.STOP, container, at));
        }
    }

    /** Of a replacement that failed the new container's life is told by whoever watches the engine. */
    private void tellReplace(ContainerSnapshot successor) {
        if (succeeded()) {
            add(ContainerEvent.Type.CREATE, successor, successor.createdAt());
            successor.startedAt().ifPresent(at -> add(ContainerEvent.Type.START, successor, at));
            before().ifPresent(old -> add(ContainerEvent.Type.REMOVE, old, now));
        }
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
        boolean ended = type == ContainerEvent.Type.STOP && container.status() != ContainerStatus.CREATED;
        events.add(new ContainerEvent(container.id().abbreviated() + "." + type + "." + at, type, container.id(),
                container.name(), container.image(), work.host(), container.ports(), at, ContainerEvent.Cause.COMMAND,
                Optional.of(work.key().command()),
                ended ? OptionalInt.of(container.state().exitCode()) : OptionalInt.empty(), attributes));
    }
}
