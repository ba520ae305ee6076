package io.dockworker.journal;

import io.dockworker.command.Command;
import io.dockworker.command.Epoch;
import io.dockworker.command.HostId;
import io.dockworker.command.Outcome;
import io.dockworker.postgres.Fault;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Supplier;

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

    private final MemoryTables tables;
    private final MemorySteps steps;
    private final MemoryAcceptance acceptance;

    /** @param clock the database's */
    public MemoryJournal(InstantSource clock) {
        this(clock, Set.of(), _ -> {});
    }

    /** @param ended hears of each end in the moment that it is recorded */
    public MemoryJournal(InstantSource clock, Set<Flaw> flaws, Consumer<Completion> ended) {
        tables = new MemoryTables(clock, flaws);
        steps = new MemorySteps(tables, ended);
        acceptance = new MemoryAcceptance(tables, steps);
    }

    /** A worker begins: every earlier one of its host is superseded. */
    public Fence claim(HostId host) {
        MemoryTables.Host claimed = tables.hosts.computeIfAbsent(host.value(), _ -> new MemoryTables.Host());
        claimed.epoch++;
        return new Fence(host, new Epoch(claimed.epoch));
    }

    /** What a worker throws that cannot tell what has become of its transaction. */
    public static RuntimeException away() {
        return new Unavailable(Fault.AWAY, new IllegalStateException("unplugged"));
    }

    /** What is on record of a piece of work; empty where it was never accepted. */
    public Optional<Entry> entry(WorkKey key) {
        return Optional.ofNullable(tables.rows.get(key)).map(MemoryJournal::entry);
    }

    public List<Entry> entries() {
        return tables.rows.values().stream().map(MemoryJournal::entry).toList();
    }

    private static Entry entry(MemoryTables.Row row) {
        return new Entry(row.key, row.source.map(Incoming.Valid::command), row.lane, row.seq, row.attempts, row.intent,
                row.outcome);
    }

    /** How far a partition has been taken in. */
    public long taken(String topic, int partition) {
        Position position = tables.positions.get(topic + "/" + partition);
        return position == null ? 0 : position.nextOffset();
    }

    /** Whether every command has ended and everything is known to be published. */
    public boolean isAtRest() {
        return tables.lanes.values().stream().allMatch(lane -> lane.open.isEmpty())
                && tables.hosts.values().stream().allMatch(host -> host.outbox.isEmpty());
    }

    public Inbox inbox(Fence fence, Line line) {
        return new Inbox() {
            @Override
            public Optional<Position> position(String topic, int partition) {
                return over(line, () -> Optional.ofNullable(tables.positions.get(topic + "/" + partition)));
            }

            @Override
            public long open() {
                return over(line, () -> tables.lanes.values().stream().mapToLong(lane -> lane.open.size()).sum());
            }

            @Override
            public Taken accept(IntakeBatch batch) {
                if (tables.flaws.contains(Flaw.POSITION_BEFORE_INSERT)) {
                    over(line, () -> tables.positions.put(batch.topic() + "/" + batch.partition(), batch.after()));
                }
                return over(line, () -> acceptance.accept(fence, batch));
            }
        };
    }

    public WorkQueue queue(Fence fence, Line line) {
        return new WorkQueue() {
            @Override
            public List<Long> lanesAfter(long after, int limit) {
                return over(line, () -> tables.lanes.tailMap(after, false).entrySet().stream()
                        .filter(lane -> lane.getValue().host.equals(fence.host().value())
                                && !lane.getValue().open.isEmpty())
                        .limit(limit).map(Map.Entry::getKey).toList());
            }

            @Override
            public List<Work> heads(Collection<Long> wanted) {
                return over(line, () -> new TreeSet<>(wanted).stream().map(tables.lanes::get)
                        .filter(lane -> lane != null && lane.host.equals(fence.host().value()) && !lane.open.isEmpty())
                        .map(lane -> tables.work((tables.flaws.contains(Flaw.NEWEST_FIRST)
                                ? lane.open.lastEntry()
                                : lane.open.firstEntry()).getValue()))
                        .toList());
            }

            @Override
            public List<Recorded> record(List<LaneStep> group) {
                if (tables.flaws.contains(Flaw.RESULT_BEFORE_END)) {
                    over(line, () -> {
                        group.forEach(step -> steps.tell(fence.host(), step));
                        return group;
                    });
                }
                return over(line, () -> {
                    tables.hold(fence);
                    return steps.record(fence.host(), group);
                });
            }
        };
    }

    public Outbox outbox(Fence fence, Line line) {
        return new Outbox() {
            @Override
            public Mark mark() {
                return over(line, () -> {
                    MemoryTables.Host host = tables.hold(fence);
                    return new Mark(host.given, host.published);
                });
            }

            @Override
            public List<Numbered> next(long published, int limit) {
                return over(line, () -> {
                    MemoryTables.Host host = tables.hold(fence);
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
                    tables.hold(fence).outbox.stream().filter(row -> row.number == number)
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
}
