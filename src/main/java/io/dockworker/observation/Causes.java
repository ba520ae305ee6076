package io.dockworker.observation;

import io.dockworker.command.CommandId;
import io.dockworker.command.CommandType;
import io.dockworker.command.ContainerEvent;
import io.dockworker.command.ContainerEvent.Cause;
import io.dockworker.journal.ManagedContainer;
import io.dockworker.journal.Observations.Execution;
import io.dockworker.journal.Observations.Past;
import io.dockworker.observation.EngineEvents.Action;
import io.dockworker.observation.EngineEvents.Hint;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Who made happen what happened to one container. */
record Causes(Past past, List<Hint> hints, Moments moments) {
    static final Set<CommandType> ENDING = EnumSet.of(CommandType.STOP, CommandType.RESTART, CommandType.KILL,
            CommandType.REMOVE, CommandType.REPLACE);
    /** A command's calls may be announced a little after its end. */
    private static final Duration AFTERMATH = Duration.ofSeconds(1);
    /** An end so soon after a signal is the signal's work; grace periods are rarely longer. */
    private static final Duration SIGNAL_WORKS = Duration.ofSeconds(60);

    /** Who it was; which command, if it was one. */
    record Why(Cause cause, Optional<CommandId> command) {
        static Why command(Execution execution) {
            return new Why(Cause.COMMAND, Optional.of(execution.command()));
        }

        static Why self() {
            return new Why(Cause.SELF, Optional.empty());
        }

        static Why external() {
            return new Why(Cause.EXTERNAL, Optional.empty());
        }
    }

    /** The command of such a type that was at work then: the later of two, since the earlier one's aftermath may be over. */
    Optional<Execution> by(Instant at, Set<CommandType> types) {
        return past.executions().stream().filter(execution -> types.contains(execution.type())
                && !at.isBefore(execution.from()) && !at.isAfter(until(execution)))
                .max(Comparator.comparing(Execution::from));
    }

    /** Who did what has no time: the last command that ended since the record was written, or else somebody. */
    Why since(Set<CommandType> types) {
        Instant since = past.row().map(ManagedContainer::seenAt).orElse(Instant.MIN);
        return past.executions().stream()
                .filter(execution -> types.contains(execution.type()) && !until(execution).isBefore(since))
                .max(Comparator.comparing(Execution::from))
                .map(Why::command).orElse(Why.external());
    }

    static Instant until(Execution execution) {
        return execution.until().map(end -> end.plus(AFTERMATH)).orElse(Instant.MAX.minusSeconds(1));
    }

    Why ofEnd(Instant end) {
        Optional<Instant> started = moments.startBefore(end);
        Optional<Execution> command = by(end, ENDING)
                .filter(execution -> (execution.type() != CommandType.REMOVE
                        && started.filter(start -> start.isAfter(execution.from())).isEmpty())
                        // A removal kills what runs; without a signal it ended by itself while that was under way.
                        || isSignalled(started, end));
        if (command.isPresent()) {
            return Why.command(command.get());
        }
        Instant from = started.filter(end.minus(SIGNAL_WORKS)::isBefore).orElse(end.minus(SIGNAL_WORKS));
        return isSignalled(started, end) || moments.isTold(ContainerEvent.Type.KILL, from, end.plus(AFTERMATH))
                ? Why.external()
                : Why.self();
    }

    private boolean isSignalled(Optional<Instant> started, Instant end) {
        // A process may end before its signal is announced.
        return hints.stream().anyMatch(hint -> hint.action() == Action.KILL && hint.at().isBefore(end.plus(AFTERMATH))
                && hint.at().isAfter(end.minus(SIGNAL_WORKS)) && started.filter(hint.at()::isBefore).isEmpty());
    }
}
