package io.dockworker.journal;

import io.dockworker.command.Command;
import io.dockworker.command.CommandId;
import io.dockworker.command.CommandResult;
import io.dockworker.command.ContainerEvent;
import io.dockworker.command.ContainerId;
import io.dockworker.command.ContainerName;
import io.dockworker.command.ContainerSnapshot;
import io.dockworker.command.ContainerSpec;
import io.dockworker.command.Epoch;
import io.dockworker.command.ErrorCode;
import io.dockworker.command.Failure;
import io.dockworker.command.HostId;
import io.dockworker.command.Outcome;
import io.dockworker.postgres.Fault;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The journal of all hosts in memory, each transaction at one instant. It does what the one in PostgreSQL does with the
 * same calls, and {@link JournalIT} holds the two against each other; it keeps no states of containers.
 */
public final class MemoryJournal {
    /** Stands between a worker and the database: may let time pass, kill the caller, or fail. */
    public interface Line {
        /** A line on which nothing goes wrong. */
        Line SOUND = _ -> {};

        /** @param sent false: before the database has heard of it; true: it is done, and the answer is on its way */
        void at(boolean sent);

        /** The caller has not waited for it; what was sent may still be done, or never. */
        default void leave(Runnable sent) {}
    }

    /** Rules that a journal can break, for a simulation to find. */
    public enum Flaw {
        /** Whoever was superseded goes on writing. */
        NO_FENCE,
        /** The position is moved in a transaction of its own, before the commands are stored. */
        POSITION_BEFORE_INSERT,
        /** The newest of a lane is its head. */
        NEWEST_FIRST,
        /** An id is looked for among those of the same partition alone. */
        IDS_BY_PARTITION,
        /** An end is recorded whoever comes with it. */
        UNGUARDED_END,
        /** What has begun is cancelled all the same. */
        CANCELS_WHAT_HAS_BEGUN,
        /** What is to be published is stored in a transaction of its own, before the end that it tells of. */
        RESULT_BEFORE_END,
        /** Who begins again forgets what an earlier attempt has put on record. */
        FORGETS_INTENT
    }

    /** A piece of work as it is on record. */
    public record Entry(WorkKey key, Optional<Command> command, long lane, long seq, int attempts,
            Optional<Intent> intent, Optional<Outcome> outcome) {}

    private static final String QUEUED = "queued";
    private static final String EXECUTING = "executing";
    private static final String PARENT = "parent";
    private static final String DONE = "done";

    /** A command, or one part of it. */
    private static final class Row {
        final WorkKey key;
        final Optional<Incoming.Valid> source;
        final byte[] hash;
        final String host;
        final long lane;
        final long seq;
        final Instant receivedAt;
        String state;
        int openParts;
        int attempts;
        int interruptions;
        int interruptedAttempt;
        Optional<Intent> intent = Optional.empty();
        Optional<Instant> startedAt = Optional.empty();
        Optional<Outcome> outcome = Optional.empty();
        Map<String, Duration> timings = Map.of();

        Row(WorkKey key, Optional<Incoming.Valid> source, byte[] hash, String state, String host, long lane, long seq,
                Instant now) {
            this.key = key;
            this.source = source;
            this.hash = hash;
            this.state = state;
            this.host = host;
            this.lane = lane;
            this.seq = seq;
            this.receivedAt = now;
        }

        Command command() {
            return source.orElseThrow().command();
        }

        boolean isOpen() {
            return state.equals(QUEUED) || state.equals(EXECUTING);
        }
    }

    private static final class Lane {
        final String host;
        /** Open work, by its place. */
        final TreeMap<Long, Row> open = new TreeMap<>();
        String image;
        Optional<ContainerId> container = Optional.empty();
        boolean hadContainer;
        Optional<ContainerSpec> spec = Optional.empty();
        long lastSeq;

        Lane(String host, String image) {
            this.host = host;
            this.image = image;
        }
    }

    /** A row of the outbox; without a number until the relay has asked. */
    private static final class Waiting {
        final OutboxMessage message;
        long number;
        boolean reduced;

        Waiting(OutboxMessage message) {
            this.message = message;
        }
    }

    private static final class Host {
        long epoch;
        long given;
        long published;
        final List<Waiting> outbox = new ArrayList<>();
    }

    private final InstantSource clock;
    private final Set<Flaw> flaws;
    private final Consumer<Completion> ended;
    private final Map<WorkKey, Row> rows = new LinkedHashMap<>();
    private final TreeMap<Long, Lane> lanes = new TreeMap<>();
    private final Map<String, Long> names = new HashMap<>();
    private final Map<ContainerId, String> containers = new HashMap<>();
    private final Set<String> cancellations = new HashSet<>();
    private final Set<List<Object>> told = new HashSet<>();
    private final Map<String, Position> positions = new HashMap<>();
    private final TreeMap<String, Host> hosts = new TreeMap<>();
    private long lanesOpened;

    /** @param clock the database's */
    public MemoryJournal(InstantSource clock) {
        this(clock, Set.of(), _ -> {});
    }

    /** @param ended hears of each end in the moment that it is recorded */
    public MemoryJournal(InstantSource clock, Set<Flaw> flaws, Consumer<Completion> ended) {
        this.clock = clock;
        this.flaws = flaws;
        this.ended = ended;
    }

    /** A worker begins: every earlier one of its host is superseded. */
    public Fence claim(HostId host) {
        Host claimed = hosts.computeIfAbsent(host.value(), _ -> new Host());
        claimed.epoch++;
        return new Fence(host, new Epoch(claimed.epoch));
    }

    /** What a worker throws that cannot tell what has become of its transaction. */
    public static RuntimeException away() {
        return new Unavailable(Fault.AWAY, new IllegalStateException("unplugged"));
    }

    /** What is on record of a piece of work; empty where it was never accepted. */
    public Optional<Entry> entry(WorkKey key) {
        return Optional.ofNullable(rows.get(key)).map(MemoryJournal::entry);
    }

    public List<Entry> entries() {
        return rows.values().stream().map(MemoryJournal::entry).toList();
    }

    private static Entry entry(Row row) {
        return new Entry(row.key, row.source.map(Incoming.Valid::command), row.lane, row.seq, row.attempts, row.intent,
                row.outcome);
    }

    /** How far a partition has been taken in. */
    public long taken(String topic, int partition) {
        Position position = positions.get(topic + "/" + partition);
        return position == null ? 0 : position.nextOffset();
    }

    /** Whether every command has ended and everything is known to be published. */
    public boolean isAtRest() {
        return lanes.values().stream().allMatch(lane -> lane.open.isEmpty())
                && hosts.values().stream().allMatch(host -> host.outbox.isEmpty());
    }

    public Inbox inbox(Fence fence, Line line) {
        return new Inbox() {
            @Override
            public Optional<Position> position(String topic, int partition) {
                return over(line, () -> Optional.ofNullable(positions.get(topic + "/" + partition)));
            }

            @Override
            public long open() {
                return over(line, () -> lanes.values().stream().mapToLong(lane -> lane.open.size()).sum());
            }

            @Override
            public Taken accept(IntakeBatch batch) {
                if (flaws.contains(Flaw.POSITION_BEFORE_INSERT)) {
                    over(line, () -> positions.put(batch.topic() + "/" + batch.partition(), batch.after()));
                }
                return over(line, () -> MemoryJournal.this.accept(fence, batch));
            }
        };
    }

    public WorkQueue queue(Fence fence, Line line) {
        return new WorkQueue() {
            @Override
            public List<Long> lanesAfter(long after, int limit) {
                return over(line, () -> lanes.tailMap(after, false).entrySet().stream()
                        .filter(lane -> lane.getValue().host.equals(fence.host().value())
                                && !lane.getValue().open.isEmpty())
                        .limit(limit).map(Map.Entry::getKey).toList());
            }

            @Override
            public List<Work> heads(Collection<Long> wanted) {
                return over(line, () -> new TreeSet<>(wanted).stream().map(lanes::get)
                        .filter(lane -> lane != null && lane.host.equals(fence.host().value()) && !lane.open.isEmpty())
                        .map(lane -> work((flaws.contains(Flaw.NEWEST_FIRST)
                                ? lane.open.lastEntry()
                                : lane.open.firstEntry()).getValue()))
                        .toList());
            }

            @Override
            public List<Recorded> record(List<LaneStep> steps) {
                if (flaws.contains(Flaw.RESULT_BEFORE_END)) {
                    over(line, () -> {
                        steps.forEach(step -> tell(fence.host(), step));
                        return steps;
                    });
                }
                return over(line, () -> {
                    hold(fence);
                    return MemoryJournal.this.record(fence.host(), steps);
                });
            }
        };
    }

    public Outbox outbox(Fence fence, Line line) {
        return new Outbox() {
            @Override
            public Mark mark() {
                return over(line, () -> {
                    Host host = hold(fence);
                    return new Mark(host.given, host.published);
                });
            }

            @Override
            public List<Numbered> next(long published, int limit) {
                return over(line, () -> {
                    Host host = hold(fence);
                    if (published > host.given) {
                        throw new Regressed(published, host.given);
                    }
                    host.published = Math.max(host.published, published);
                    if (host.outbox.isEmpty()) {
                        return List.of();
                    }
                    host.outbox.removeIf(row -> row.number > 0 && row.number <= published);
                    host.outbox.stream().filter(row -> row.number == 0).limit(limit)
                            .forEach(row -> row.number = ++host.given);
                    return host.outbox.stream().filter(row -> row.number > 0).limit(limit)
                            .map(row -> new Numbered(row.number, row.reduced, row.message)).toList();
                });
            }

            @Override
            public void reduce(long number) {
                over(line, () -> {
                    hold(fence).outbox.stream().filter(row -> row.number == number)
                            .forEach(row -> row.reduced = true);
                    return number;
                });
            }
        };
    }

    private static <T> T over(Line line, Supplier<T> transaction) {
        try {
            line.at(false);
        } catch (RuntimeException | Error e) {
            line.leave(() -> {
                T _ = transaction.get();
            });
            throw e;
        }
        T answer = transaction.get();
        line.at(true);
        return answer;
    }

    private Host hold(Fence fence) {
        Host host = hosts.get(fence.host().value());
        if (host.epoch != fence.epoch().value() && !flaws.contains(Flaw.NO_FENCE)) {
            throw new Superseded(fence.host(), fence.epoch());
        }
        return host;
    }

    private Inbox.Taken accept(Fence fence, IntakeBatch batch) {
        String partition = batch.topic() + "/" + batch.partition();
        if (!Optional.ofNullable(positions.get(partition)).equals(batch.before())
                && !flaws.contains(Flaw.POSITION_BEFORE_INSERT)) {
            return new Inbox.Taken.Moved();
        }
        hold(fence);
        Instant now = clock.instant();
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
        append(fence.host(), messages);
        positions.put(partition, batch.after());
        return new Inbox.Taken.Stored(work.getOrDefault(fence.host().value(), Set.of()), deadLetters);
    }

    private boolean isNew(Map<String, byte[]> known, CommandId id, byte[] hash, int partition) {
        Row row = rows.get(new WorkKey(id, 0));
        if (row != null && !(flaws.contains(Flaw.IDS_BY_PARTITION)
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
        var row = new Row(new WorkKey(id, 0), source, hash, DONE, "", 0, 0, now);
        row.outcome = Optional.of(outcome);
        rows.put(row.key, row);
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
        cancelled.retainAll(cancellations);
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
        Row whole = rows.get(new WorkKey(id, 0));
        if (whole == null) {
            return Outcome.succeeded(cancellations.add(id.value()));
        }
        Optional<Outcome.Status> status = whole.outcome.map(Outcome::status);
        if (status.equals(Optional.of(Outcome.Status.CANCELLED))) {
            return Outcome.succeeded(false);
        }
        List<Row> parts = rows.values().stream().filter(row -> row.key.command().equals(id)).toList();
        boolean begun = parts.stream().anyMatch(part -> part.attempts > 0 || part.state.equals(DONE));
        if (status.isPresent() || (begun && !flaws.contains(Flaw.CANCELS_WHAT_HAS_BEGUN))) {
            return Outcome.ended(Outcome.Status.FAILED, Failure.at("/command_id", ErrorCode.TOO_LATE,
                    "the command " + id.value()
                            + status.map(end -> " is over: " + end).orElse(" has begun")));
        }
        record(self, parts.stream().filter(Row::isOpen).map(this::work).<LaneStep>map(work -> new LaneStep.End(
                Completion.untouched(work, work.ended(Outcome.Status.CANCELLED, cancelled())))).toList());
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
            Optional.ofNullable(names.get(reference)).ifPresent(lane -> byName.put(reference, row(lane)));
            List<LaneRow> found = lanes.keySet().stream().map(this::row).filter(lane -> lane.containerId() != null
                    && lane.containerId().startsWith(reference)).toList();
            if (reference.length() == 64 && !found.isEmpty()) {
                byContainer.put(reference, found.getFirst());
            } else if (reference.length() >= Acceptance.MIN_PREFIX && !byName.containsKey(reference)) {
                byPrefix.put(reference, found);
            }
        }
        for (String image : Acceptance.images(commands)) {
            byImage.put(image, new ArrayList<>(lanes.keySet().stream().map(this::row)
                    .filter(lane -> lane.image().equals(image)).toList()));
        }
        Map<String, Long> counts = new HashMap<>();
        hosts.keySet().forEach(host -> counts.put(host,
                lanes.values().stream().filter(lane -> lane.host.equals(host)).count()));
        var acceptance = new Acceptance(self, new Placement(self, counts), Set.copyOf(hosts.keySet()), byName,
                byContainer, byPrefix, byImage);
        commands.forEach(acceptance::accept);
        return acceptance;
    }

    private LaneRow row(long number) {
        Lane lane = lanes.get(number);
        return new LaneRow(number, lane.host, lane.image, lane.container.map(ContainerId::value).orElse(null));
    }

    private Map<String, Set<Long>> place(Acceptance acceptance, Instant now) {
        Map<Long, Long> numbers = new HashMap<>();
        Map<String, Set<Long>> work = new TreeMap<>();
        if (acceptance.placed.isEmpty()) {
            return work;
        }
        for (LaneRow opened : acceptance.opened) {
            numbers.put(opened.lane(), ++lanesOpened);
            lanes.put(lanesOpened, new Lane(opened.host(), opened.image()));
        }
        acceptance.namesTaken.forEach((name, lane) -> names.putIfAbsent(name,
                numbers.getOrDefault(lane.lane(), lane.lane())));
        acceptance.parents.forEach((source, parts) -> {
            var whole = new Row(new WorkKey(source.command().id(), 0), Optional.of(source), source.contentHash(),
                    PARENT, "", 0, 0, now);
            whole.openParts = parts;
            rows.put(whole.key, whole);
        });
        for (Acceptance.Placed placed : acceptance.placed) {
            long number = numbers.getOrDefault(placed.lane().lane(), placed.lane().lane());
            Lane lane = lanes.get(number);
            var row = new Row(placed.key(), Optional.of(placed.source()), placed.source().contentHash(), QUEUED,
                    lane.host, number, ++lane.lastSeq, now);
            rows.put(row.key, row);
            lane.open.put(row.seq, row);
            work.computeIfAbsent(lane.host, _ -> new TreeSet<>()).add(number);
        }
        return work;
    }

    private Work work(Row row) {
        Lane lane = lanes.get(row.lane);
        Command command = row.command();
        return new Work(row.key, command, new HostId(row.host), row.lane, row.seq, lane.container, lane.hadContainer,
                lane.spec, row.source.get().specHash(), LaneWriter.keyOf(row.source.get()), row.attempts,
                row.interruptions, row.intent, row.receivedAt, row.receivedAt.plus(command.deadline()),
                command.header().expiresAt(), row.startedAt, clock.instant(), 0);
    }

    private List<Recorded> record(HostId host, List<LaneStep> steps) {
        Map<WorkKey, Recorded> recorded = new HashMap<>();
        List<Completion> ends = new ArrayList<>();
        for (LaneStep step : steps) {
            Row row = rows.get(step.work().key());
            switch (step) {
                case LaneStep.Begin(Work work, Intent intent) -> recorded.put(row.key, begin(row, work, intent));
                case LaneStep.Note(Work _, int attempt, Intent intent) -> {
                    boolean going = row.state.equals(EXECUTING) && row.attempts == attempt;
                    row.intent = going ? Optional.of(intent) : row.intent;
                    recorded.put(row.key, going ? new Recorded.Noted() : new Recorded.Over());
                }
                case LaneStep.Cut(Work _, int attempt) -> {
                    boolean going = row.state.equals(EXECUTING) && row.attempts == attempt
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

    private Recorded begin(Row row, Work work, Intent intent) {
        Instant now = clock.instant();
        boolean expired = work.attempts() == 0
                && row.command().header().expiresAt().filter(at -> !at.isAfter(now)).isPresent();
        if (row.isOpen() && row.attempts == work.attempts() && !expired) {
            row.state = EXECUTING;
            row.attempts++;
            row.intent = flaws.contains(Flaw.FORGETS_INTENT) ? Optional.empty() : Optional.of(intent);
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
        Instant now = clock.instant();
        List<Completion> valid = ends.stream().filter(end -> {
            Row row = rows.get(end.work().key());
            return (row.isOpen() && row.attempts == end.attempt())
                    || (flaws.contains(Flaw.UNGUARDED_END) && lanes.containsKey(row.lane));
        }).toList();
        for (Completion end : valid) {
            Row row = rows.get(end.work().key());
            row.state = DONE;
            row.outcome = Optional.of(end.outcome());
            row.timings = end.timings();
            lanes.get(row.lane).open.remove(row.seq);
            ended.accept(end);
        }
        Map<Long, Boolean> more = updateLanes(valid);
        ends.forEach(end -> recorded.put(end.work().key(),
                new Recorded.Ended(more.getOrDefault(end.work().lane(), true))));
        List<OutboxMessage> messages = new ArrayList<>(events(valid));
        for (Completion end : valid) {
            if (end.work().key().child() == 0 && !flaws.contains(Flaw.RESULT_BEFORE_END)) {
                messages.add(result(end, now));
            }
        }
        valid.stream().filter(end -> end.work().key().child() > 0)
                .collect(Collectors.groupingBy(end -> end.work().key().command().value(), TreeMap::new,
                        Collectors.counting()))
                .forEach((id, parts) -> countParts(new CommandId(id), parts.intValue(), now).ifPresent(messages::add));
        append(host, messages);
    }

    private void tell(HostId host, LaneStep step) {
        if (step instanceof LaneStep.End(Completion end) && end.work().key().child() == 0) {
            append(host, List.of(result(end, clock.instant())));
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
            Lane lane = lanes.get(end.work().lane());
            Optional<String> has = end.seen().map(ContainerSnapshot::name)
                    .or(() -> lane.container.map(containers::get));
            if (!end.laneHolds().equals(end.work().container())) {
                lane.container = end.laneHolds();
            }
            end.freedName().filter(name -> !has.equals(Optional.of(name)))
                    .ifPresent(name -> free(end.work().lane(), name));
        }
        for (Completion end : inTurn) {
            if (end.work().command() instanceof Command.Create && end.seen().isPresent()) {
                names.entrySet().stream().filter(name -> name.getValue() == end.work().lane()
                        && !name.getKey().equals(end.seen().get().name())).map(Map.Entry::getKey).toList()
                        .forEach(name -> free(end.work().lane(), name));
            }
        }
        Map<Long, Boolean> more = new HashMap<>();
        for (Completion end : inTurn) {
            Lane lane = lanes.get(end.work().lane());
            more.put(end.work().lane(), !lane.open.isEmpty());
            lane.image = end.seen().map(ContainerRows::normalImage).orElse(lane.image);
            lane.hadContainer |= lane.container.isPresent();
            lane.spec = end.spec().or(() -> lane.spec);
        }
        more.forEach((number, working) -> {
            if (!working && lanes.get(number).container.isEmpty()) {
                lanes.remove(number);
                names.values().removeIf(number::equals);
            }
        });
        return more;
    }

    /** Unless a command that still waits in the lane, or is at work there, wants it. */
    private void free(long lane, String name) {
        boolean wanted = lanes.get(lane).open.values().stream().anyMatch(row -> row.command()
                .newName(row.key.child()).map(ContainerName::value).equals(Optional.of(name)));
        if (!wanted) {
            names.remove(name, lane);
        }
    }

    private List<OutboxMessage> events(List<Completion> ends) {
        List<ContainerEvent> events = new ArrayList<>(ends.stream().flatMap(end -> end.events().stream()).toList());
        ends.forEach(end -> end.seen().ifPresent(seen -> containers.put(seen.id(), seen.name())));
        ends.forEach(end -> end.gone().ifPresent(containers::remove));
        return events.stream().filter(event -> told.add(List.of(event.containerId(), event.type(), event.at())))
                .<OutboxMessage>map(OutboxMessage.Event::new).toList();
    }

    private Optional<OutboxMessage> countParts(CommandId id, int ended, Instant now) {
        Row whole = rows.get(new WorkKey(id, 0));
        whole.openParts -= ended;
        if (whole.openParts > 0) {
            return Optional.empty();
        }
        List<Row> parts = Stream.iterate(1, child -> child + 1).map(child -> rows.get(new WorkKey(id, child)))
                .takeWhile(part -> part != null).toList();
        Outcome outcome = Parents.merge(parts.stream().map(part -> part.outcome.orElseThrow()).toList());
        whole.state = DONE;
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

    private void append(HostId host, List<OutboxMessage> messages) {
        messages.forEach(message -> hosts.get(host.value()).outbox.add(new Waiting(message)));
    }
}
