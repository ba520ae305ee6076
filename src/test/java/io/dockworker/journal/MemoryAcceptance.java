package io.dockworker.journal;

import io.dockworker.command.Command;
import io.dockworker.command.CommandId;
import io.dockworker.command.CommandResult;
import io.dockworker.command.ErrorCode;
import io.dockworker.command.Failure;
import io.dockworker.command.HostId;
import io.dockworker.command.Outcome;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** The taking in of commands, as {@link PostgresInbox} does it. */
final class MemoryAcceptance {
    private final MemoryTables tables;
    private final MemorySteps steps;

    MemoryAcceptance(MemoryTables tables, MemorySteps steps) {
        this.tables = tables;
        this.steps = steps;
    }

    Inbox.Taken accept(Fence fence, IntakeBatch batch) {
        String partition = batch.topic() + "/" + batch.partition();
        if (!Optional.ofNullable(tables.positions.get(partition)).equals(batch.before())
                && !tables.flaws.contains(MemoryJournal.Flaw.POSITION_BEFORE_INSERT)) {
            return new Inbox.Taken.Moved();
        }
        tables.hold(fence);
        Instant now = tables.clock.instant();
        List<OutboxMessage> messages = new ArrayList<>();
        List<Incoming.Valid> commands = new ArrayList<>();
        List<Incoming.Invalid> invalid = new ArrayList<>();
        Map<String, Integer> deadLetters = new TreeMap<>();
        Map<String, byte[]> known = new HashMap<>();
        for (Incoming record : batch.records()) {
            switch (record) {
                case Incoming.Valid valid when isNew(known, valid.command().id(), valid.contentHash(),
                        batch.partition()) ->
                    commands.add(valid);
                case Incoming.Invalid rejected when isNew(known, rejected.id(), rejected.contentHash(),
                        batch.partition()) ->
                    invalid.add(rejected);
                case Incoming.Valid valid -> reused(known, valid.command().id(), valid.contentHash(), valid.source())
                        .ifPresent(messages::add);
                case Incoming.Invalid other -> reused(known, other.id(), other.contentHash(), other.source())
                        .ifPresent(messages::add);
                case Incoming.Unreadable unreadable -> messages.add(new OutboxMessage.DeadLetter(unreadable.source(),
                        unreadable.code(), unreadable.message()));
            }
        }
        messages.forEach(letter -> deadLetters.merge(((OutboxMessage.DeadLetter) letter).code(), 1, Integer::sum));
        List<Acceptance.Ended> ended = new ArrayList<>();
        List<Incoming.Valid> others = withoutCancelled(fence.host(), commands, ended);
        Acceptance acceptance = plan(fence.host(), others);
        Map<String, Set<Long>> work = place(acceptance, now);
        ended.addAll(acceptance.ended);
        for (Acceptance.Ended end : ended) {
            Command command = end.source().command();
            spend(command.id(), Optional.of(end.source()), end.source().contentHash(), end.outcome(), now);
            messages.add(result(command.id(), command.type().toString(), end.outcome(), end.host(),
                    LaneWriter.keyOf(end.source()), now));
        }
        for (Incoming.Invalid one : invalid) {
            Outcome outcome = Outcome.ended(Outcome.Status.REJECTED, one.failure());
            spend(one.id(), Optional.empty(), one.contentHash(), outcome, now);
            messages.add(result(one.id(), one.type(), outcome, Optional.empty(), one.source().key(), now));
        }
        tables.append(fence.host(), messages);
        tables.positions.put(partition, batch.after());
        return new Inbox.Taken.Stored(work.getOrDefault(fence.host().value(), Set.of()), deadLetters);
    }

    private boolean isNew(Map<String, byte[]> known, CommandId id, byte[] hash, int partition) {
        MemoryTables.Row row = tables.rows.get(new WorkKey(id, 0));
        if (row != null && !(tables.flaws.contains(MemoryJournal.Flaw.IDS_BY_PARTITION)
                && row.source.filter(source -> source.source().partition() != partition).isPresent())) {
            known.putIfAbsent(id.value(), row.hash);
        }
        return known.putIfAbsent(id.value(), hash) == null;
    }

    private static Optional<OutboxMessage> reused(Map<String, byte[]> known, CommandId id, byte[] hash, Source source) {
        return Arrays.equals(known.get(id.value()), hash)
                ? Optional.empty()
                : Optional.of(new OutboxMessage.DeadLetter(source, "ID_REUSED", "the id " + id.value()
                        + " is spent on another command; give every command an id of its own (a UUID or ULID)"));
    }

    private void spend(CommandId id, Optional<Incoming.Valid> source, byte[] hash, Outcome outcome, Instant now) {
        var row = new MemoryTables.Row(new WorkKey(id, 0), source, hash, MemoryTables.DONE, "", 0, 0, now);
        row.outcome = Optional.of(outcome);
        tables.rows.put(row.key, row);
    }

    private static OutboxMessage result(CommandId id, String type, Outcome outcome, Optional<HostId> host, byte[] key,
            Instant now) {
        return new OutboxMessage.Result(key, new CommandResult(id, type, outcome, host, 0, now, Optional.empty(), now,
                Map.of(), Optional.empty(), Optional.empty()));
    }

    private List<Incoming.Valid> withoutCancelled(HostId self, List<Incoming.Valid> batch,
            List<Acceptance.Ended> ended) {
        Set<String> coming = batch.stream().map(Incoming.Valid::command).filter(one -> !(one instanceof Command.Cancel))
                .map(one -> one.id().value()).collect(Collectors.toSet());
        Set<String> cancelled = new HashSet<>(coming);
        cancelled.retainAll(tables.cancellations);
        for (Incoming.Valid incoming : batch) {
            if (incoming.command() instanceof Command.Cancel cancel) {
                String id = cancel.command().value();
                ended.add(new Acceptance.Ended(incoming,
                        coming.contains(id) ? Outcome.succeeded(cancelled.add(id)) : cancel(self, cancel.command())));
            }
        }
        List<Incoming.Valid> others = new ArrayList<>();
        for (Incoming.Valid incoming : batch) {
            if (cancelled.contains(incoming.command().id().value())) {
                ended.add(new Acceptance.Ended(incoming, Outcome.ended(Outcome.Status.CANCELLED, cancelled())));
            } else if (!(incoming.command() instanceof Command.Cancel)) {
                others.add(incoming);
            }
        }
        return others;
    }

    private Outcome cancel(HostId self, CommandId id) {
        MemoryTables.Row whole = tables.rows.get(new WorkKey(id, 0));
        if (whole == null) {
            return Outcome.succeeded(tables.cancellations.add(id.value()));
        }
        Optional<Outcome.Status> status = whole.outcome.map(Outcome::status);
        if (status.equals(Optional.of(Outcome.Status.CANCELLED))) {
            return Outcome.succeeded(false);
        }
        List<MemoryTables.Row> parts = tables.rows.values().stream().filter(row -> row.key.command().equals(id))
                .toList();
        boolean begun = parts.stream().anyMatch(part -> part.attempts > 0 || part.state.equals(MemoryTables.DONE));
        if (status.isPresent() || (begun && !tables.flaws.contains(MemoryJournal.Flaw.CANCELS_WHAT_HAS_BEGUN))) {
            return Outcome.ended(Outcome.Status.FAILED, Failure.at("/command_id", ErrorCode.TOO_LATE,
                    "the command " + id.value()
                            + status.map(end -> " is over: " + end).orElse(" has begun")));
        }
        steps.record(self,
                parts.stream().filter(MemoryTables.Row::isOpen).map(tables::work)
                        .<LaneStep>map(work -> new LaneStep.End(
                                Completion.untouched(work, work.ended(Outcome.Status.CANCELLED, cancelled()))))
                        .toList());
        return Outcome.succeeded(true);
    }

    private static Failure cancelled() {
        return Failure.of(ErrorCode.CANCELLED, "it was cancelled before it began");
    }

    private Acceptance plan(HostId self, List<Incoming.Valid> commands) {
        Map<String, LaneRow> byName = new HashMap<>();
        Map<String, LaneRow> byContainer = new HashMap<>();
        Map<String, List<LaneRow>> byPrefix = new HashMap<>();
        Map<String, List<LaneRow>> byImage = new HashMap<>();
        for (String reference : Acceptance.names(commands)) {
            Optional.ofNullable(tables.names.get(reference)).ifPresent(lane -> byName.put(reference, tables.row(lane)));
            List<LaneRow> found = tables.lanes.keySet().stream().map(tables::row)
                    .filter(lane -> lane.containerId() != null
                            && lane.containerId().startsWith(reference))
                    .toList();
            if (reference.length() == 64 && !found.isEmpty()) {
                byContainer.put(reference, found.getFirst());
            } else if (reference.length() >= Acceptance.MIN_PREFIX && !byName.containsKey(reference)) {
                byPrefix.put(reference, found);
            }
        }
        for (String image : Acceptance.images(commands)) {
            byImage.put(image, new ArrayList<>(tables.lanes.keySet().stream().map(tables::row)
                    .filter(lane -> lane.image().equals(image)).toList()));
        }
        Map<String, Long> counts = new HashMap<>();
        tables.hosts.keySet().forEach(host -> counts.put(host,
                tables.lanes.values().stream().filter(lane -> lane.host.equals(host)).count()));
        var acceptance = new Acceptance(self, new Placement(self, counts), Set.copyOf(tables.hosts.keySet()), byName,
                byContainer, byPrefix, byImage);
        commands.forEach(acceptance::accept);
        return acceptance;
    }

    private Map<String, Set<Long>> place(Acceptance acceptance, Instant now) {
        Map<Long, Long> numbers = new HashMap<>();
        Map<String, Set<Long>> work = new TreeMap<>();
        if (acceptance.placed.isEmpty()) {
            return work;
        }
        for (LaneRow opened : acceptance.opened) {
            numbers.put(opened.lane(), ++tables.lanesOpened);
            tables.lanes.put(tables.lanesOpened, new MemoryTables.Lane(opened.host(), opened.image()));
        }
        acceptance.namesTaken.forEach((name, lane) -> tables.names.putIfAbsent(name,
                numbers.getOrDefault(lane.lane(), lane.lane())));
        acceptance.parents.forEach((source, parts) -> {
            var whole = new MemoryTables.Row(new WorkKey(source.command().id(), 0), Optional.of(source),
                    source.contentHash(),
                    MemoryTables.PARENT, "", 0, 0, now);
            whole.openParts = parts;
            tables.rows.put(whole.key, whole);
        });
        for (Acceptance.Placed placed : acceptance.placed) {
            long number = numbers.getOrDefault(placed.lane().lane(), placed.lane().lane());
            MemoryTables.Lane lane = tables.lanes.get(number);
            var row = new MemoryTables.Row(placed.key(), Optional.of(placed.source()), placed.source().contentHash(),
                    MemoryTables.QUEUED,
                    lane.host, number, ++lane.lastSeq, now);
            tables.rows.put(row.key, row);
            lane.open.put(row.seq, row);
            work.computeIfAbsent(lane.host, _ -> new TreeSet<>()).add(number);
        }
        return work;
    }
}
