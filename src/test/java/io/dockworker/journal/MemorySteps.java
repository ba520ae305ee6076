package io.dockworker.journal;

import io.dockworker.command.Command;
import io.dockworker.command.CommandId;
import io.dockworker.command.CommandResult;
import io.dockworker.command.ContainerEvent;
import io.dockworker.command.ContainerName;
import io.dockworker.command.ContainerSnapshot;
import io.dockworker.command.HostId;
import io.dockworker.command.Outcome;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The steps of lanes, as {@link PostgresWorkQueue} records them. */
final class MemorySteps {
    private final MemoryTables tables;
    private final Consumer<Completion> ended;

    /** @param ended hears of each end in the moment that it is recorded */
    MemorySteps(MemoryTables tables, Consumer<Completion> ended) {
        this.tables = tables;
        this.ended = ended;
    }

    List<Recorded> record(HostId host, List<LaneStep> steps) {
        Map<WorkKey, Recorded> recorded = new HashMap<>();
        List<Completion> ends = new ArrayList<>();
        for (LaneStep step : steps) {
            MemoryTables.Row row = tables.rows.get(step.work().key());
            switch (step) {
                case LaneStep.Begin(Work work, Intent intent) -> recorded.put(row.key, begin(row, work, intent));
                case LaneStep.Note(Work _, int attempt, Intent intent) -> {
                    boolean going = row.state.equals(MemoryTables.EXECUTING) && row.attempts == attempt;
                    row.intent = going ? Optional.of(intent) : row.intent;
                    recorded.put(row.key, going ? new Recorded.Noted() : new Recorded.Over());
                }
                case LaneStep.Cut(Work _, int attempt) -> {
                    boolean going = row.state.equals(MemoryTables.EXECUTING) && row.attempts == attempt
                            && row.interruptedAttempt != attempt;
                    row.interruptions += going ? 1 : 0;
                    row.interruptedAttempt = going ? attempt : row.interruptedAttempt;
                    recorded.put(row.key, going ? new Recorded.Noted() : new Recorded.Over());
                }
                case LaneStep.End(Completion end) -> ends.add(end);
            }
        }
        ends.sort(Comparator.comparing(end -> end.work().key()));
        end(host, ends, recorded);
        return steps.stream().map(step -> recorded.get(step.work().key())).toList();
    }

    private Recorded begin(MemoryTables.Row row, Work work, Intent intent) {
        Instant now = tables.clock.instant();
        boolean expired = work.attempts() == 0
                && row.command().header().expiresAt().filter(at -> !at.isAfter(now)).isPresent();
        if (row.isOpen() && row.attempts == work.attempts() && !expired) {
            row.state = MemoryTables.EXECUTING;
            row.attempts++;
            row.intent = tables.flaws.contains(MemoryJournal.Flaw.FORGETS_INTENT)
                    ? Optional.empty()
                    : Optional.of(intent);
            row.startedAt = row.startedAt.or(() -> Optional.of(now));
            return new Recorded.Begun(row.attempts, row.startedAt.get());
        }
        if (!row.isOpen()) {
            return new Recorded.Over();
        }
        return row.attempts == work.attempts() + 1
                ? new Recorded.Begun(row.attempts, row.startedAt.orElseThrow())
                : new Recorded.Expired();
    }

    private void end(HostId host, List<Completion> ends, Map<WorkKey, Recorded> recorded) {
        Instant now = tables.clock.instant();
        List<Completion> valid = ends.stream().filter(end -> {
            MemoryTables.Row row = tables.rows.get(end.work().key());
            return (row.isOpen() && row.attempts == end.attempt())
                    || (tables.flaws.contains(MemoryJournal.Flaw.UNGUARDED_END) && tables.lanes.containsKey(row.lane));
        }).toList();
        for (Completion end : valid) {
            MemoryTables.Row row = tables.rows.get(end.work().key());
            row.state = MemoryTables.DONE;
            row.outcome = Optional.of(end.outcome());
            row.timings = end.timings();
            tables.lanes.get(row.lane).open.remove(row.seq);
            ended.accept(end);
        }
        Map<Long, Boolean> more = updateLanes(valid);
        ends.forEach(end -> recorded.put(end.work().key(),
                new Recorded.Ended(more.getOrDefault(end.work().lane(), true))));
        List<OutboxMessage> messages = new ArrayList<>(events(valid));
        for (Completion end : valid) {
            if (end.work().key().child() == 0 && !tables.flaws.contains(MemoryJournal.Flaw.RESULT_BEFORE_END)) {
                messages.add(result(end, now));
            }
        }
        valid.stream().filter(end -> end.work().key().child() > 0)
                .collect(Collectors.groupingBy(end -> end.work().key().command().value(), TreeMap::new,
                        Collectors.counting()))
                .forEach((id, parts) -> countParts(new CommandId(id), parts.intValue(), now).ifPresent(messages::add));
        tables.append(host, messages);
    }

    /** Stores the result that an end has, without the end. */
    void tell(HostId host, LaneStep step) {
        if (step instanceof LaneStep.End(Completion end) && end.work().key().child() == 0) {
            tables.append(host, List.of(result(end, tables.clock.instant())));
        }
    }

    private static OutboxMessage result(Completion end, Instant now) {
        return new OutboxMessage.Result(end.work().messageKey(),
                new CommandResult(end.work().key().command(), end.work().command().type().toString(), end.outcome(),
                        Optional.of(end.work().host()), end.attempt(), end.work().receivedAt(), end.startedAt(), now,
                        end.timings(), Optional.empty(), Optional.empty()));
    }

    private Map<Long, Boolean> updateLanes(List<Completion> ends) {
        List<Completion> inTurn = ends.stream().sorted(Comparator.<Completion>comparingLong(end -> end.work().lane())
                .thenComparingLong(end -> end.work().seq())).toList();
        for (Completion end : inTurn) {
            MemoryTables.Lane lane = tables.lanes.get(end.work().lane());
            Optional<String> has = end.seen().map(ContainerSnapshot::name)
                    .or(() -> lane.container.map(tables.containers::get));
            if (!end.laneHolds().equals(end.work().container())) {
                lane.container = end.laneHolds();
            }
            end.freedName().filter(name -> !has.equals(Optional.of(name)))
                    .ifPresent(name -> free(end.work().lane(), name));
        }
        for (Completion end : inTurn) {
            if (end.work().command() instanceof Command.Create && end.seen().isPresent()) {
                tables.names.entrySet().stream().filter(name -> name.getValue() == end.work().lane()
                        && !name.getKey().equals(end.seen().get().name())).map(Map.Entry::getKey).toList()
                        .forEach(name -> free(end.work().lane(), name));
            }
        }
        Map<Long, Boolean> more = new HashMap<>();
        for (Completion end : inTurn) {
            MemoryTables.Lane lane = tables.lanes.get(end.work().lane());
            more.put(end.work().lane(), !lane.open.isEmpty());
            lane.image = end.seen().map(ContainerRows::normalImage).orElse(lane.image);
            lane.hadContainer |= lane.container.isPresent();
            lane.spec = end.spec().or(() -> lane.spec);
        }
        more.forEach((number, working) -> {
            if (!working && tables.lanes.get(number).container.isEmpty()) {
                tables.lanes.remove(number);
                tables.names.values().removeIf(number::equals);
            }
        });
        return more;
    }

    /** Unless a command that still waits in the lane, or is at work there, wants it. */
    private void free(long lane, String name) {
        boolean wanted = tables.lanes.get(lane).open.values().stream().anyMatch(row -> row.command()
                .newName(row.key.child()).map(ContainerName::value).equals(Optional.of(name)));
        if (!wanted) {
            tables.names.remove(name, lane);
        }
    }

    private List<OutboxMessage> events(List<Completion> ends) {
        List<ContainerEvent> events = new ArrayList<>(ends.stream().flatMap(end -> end.events().stream()).toList());
        ends.forEach(end -> end.seen().ifPresent(seen -> tables.containers.put(seen.id(), seen.name())));
        ends.forEach(end -> end.gone().ifPresent(tables.containers::remove));
        return events.stream().filter(event -> tables.told.add(List.of(event.containerId(), event.type(), event.at())))
                .<OutboxMessage>map(OutboxMessage.Event::new).toList();
    }

    private Optional<OutboxMessage> countParts(CommandId id, int ended, Instant now) {
        MemoryTables.Row whole = tables.rows.get(new WorkKey(id, 0));
        whole.openParts -= ended;
        if (whole.openParts > 0) {
            return Optional.empty();
        }
        List<MemoryTables.Row> parts = Stream.iterate(1, child -> child + 1)
                .map(child -> tables.rows.get(new WorkKey(id, child)))
                .takeWhile(part -> part != null).toList();
        Outcome outcome = Parents.merge(parts.stream().map(part -> part.outcome.orElseThrow()).toList());
        whole.state = MemoryTables.DONE;
        whole.outcome = Optional.of(outcome);
        Set<String> at = parts.stream().map(part -> part.host).collect(Collectors.toSet());
        return Optional.of(new OutboxMessage.Result(LaneWriter.keyOf(whole.source.get()),
                new CommandResult(id, whole.command().type().toString(), outcome,
                        at.size() == 1 ? Optional.of(new HostId(at.iterator().next())) : Optional.empty(),
                        parts.stream().mapToInt(part -> part.attempts).max().orElse(0), whole.receivedAt,
                        parts.stream().flatMap(part -> part.startedAt.stream()).min(Instant::compareTo), now,
                        Parents.timings(parts.stream().map(part -> part.timings).toList()), Optional.empty(),
                        Optional.empty())));
    }
}
