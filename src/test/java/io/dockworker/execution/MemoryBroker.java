package io.dockworker.execution;

import io.dockworker.command.HostId;
import io.dockworker.journal.MemoryJournal.Line;
import io.dockworker.kafka.CommandSource;
import io.dockworker.kafka.NumberedPublisher;
import io.dockworker.kafka.OutboundRecord;
import io.dockworker.kafka.PolledPartition;
import io.dockworker.kafka.Positions;
import io.dockworker.kafka.RawRecord;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * A broker in memory: the commands topic, the group that reads it, and transactions that publish. A member learns that a
 * partition is no longer its own at its next poll, as with the real one; what it had polled before it may still store.
 */
final class MemoryBroker {
    static final int PARTITIONS = 3;
    private static final String TOPIC_ID = "topic";
    private static final int BATCH = 3;

    /** Rules that the way to the broker can break, for a simulation to find. */
    enum Flaw {
        /** What was polled and not stored is not read again. */
        NEVER_REPOSITIONS,
        /** How far an earlier publisher came is read before it is shut out. */
        NUMBER_READ_BEFORE_THE_FENCE,
        /** The number is not part of the transaction. */
        NUMBER_NOT_COMMITTED,
        /** After a doubt the same batch is published again. */
        PUBLISHES_AGAIN
    }

    /** What a worker sees of a broker that cannot be reached, or will not have it any more. */
    static class Away extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    /** The same member of the group has come anew. */
    static final class Fenced extends Away {
        private static final long serialVersionUID = 1L;
    }

    private final Set<Flaw> flaws;
    private final Predicate<OutboundRecord> refuses;
    private final List<List<RawRecord>> logs = new ArrayList<>();
    private final List<Optional<HostId>> owners = new ArrayList<>();
    private final Map<HostId, Member> members = new HashMap<>();
    private final List<OutboundRecord> published = new ArrayList<>();
    private final Map<HostId, Long> numbers = new HashMap<>();
    private final Map<HostId, Publisher> publishers = new HashMap<>();

    /** @param refuses whether a record is refused as such, for a batch to be published without it */
    MemoryBroker(Set<Flaw> flaws, Predicate<OutboundRecord> refuses) {
        this.flaws = flaws;
        this.refuses = refuses;
        for (int i = 0; i < PARTITIONS; i++) {
            logs.add(new ArrayList<>());
            owners.add(Optional.empty());
        }
    }

    /** @param gap offsets that bear no record, as the marks of transactions do */
    void produce(int partition, int gap, byte[] key, byte[] value) {
        logs.get(partition).add(new RawRecord(end(partition) + gap, OptionalInt.empty(), key, value, List.of()));
    }

    long end(int partition) {
        List<RawRecord> log = logs.get(partition);
        return log.isEmpty() ? 0 : log.getLast().offset() + 1;
    }

    /** A rebalance. */
    void assign(int partition, HostId host) {
        owners.set(partition, Optional.of(host));
    }

    /** What readers of committed records see. */
    List<OutboundRecord> published() {
        return published;
    }

    CommandSource join(HostId host, Positions positions, Line line) {
        var member = new Member(host, positions, line);
        members.put(host, member);
        return member;
    }

    /** Shuts out every earlier publisher of this host. */
    NumberedPublisher connect(HostId host, Line line, Runnable meanwhile) {
        Optional<Long> early = flaws.contains(Flaw.NUMBER_READ_BEFORE_THE_FENCE)
                ? Optional.of(numbers.getOrDefault(host, 0L))
                : Optional.empty();
        meanwhile.run();
        line.at(false);
        var publisher = new Publisher(host, line, early);
        publishers.put(host, publisher);
        line.at(true);
        return publisher;
    }

    private final class Member implements CommandSource {
        private final HostId host;
        private final Positions positions;
        private final Line line;
        private final TreeSet<Integer> unplaced = new TreeSet<>();
        private final TreeMap<Integer, Long> next = new TreeMap<>();

        private Member(HostId host, Positions positions, Line line) {
            this.host = host;
            this.positions = positions;
            this.line = line;
        }

        @Override
        public List<PolledPartition> poll(Duration time, boolean paused) {
            line.at(false);
            if (members.get(host) != this) {
                throw new Fenced();
            }
            Set<Integer> mine = new TreeSet<>();
            for (int partition = 0; partition < PARTITIONS; partition++) {
                if (owners.get(partition).equals(Optional.of(host))) {
                    mine.add(partition);
                }
            }
            next.keySet().retainAll(mine);
            unplaced.retainAll(mine);
            mine.stream().filter(partition -> !next.containsKey(partition)).forEach(unplaced::add);
            List<PolledPartition> polled = new ArrayList<>();
            if (!paused) {
                place();
                next.replaceAll((partition, from) -> take(partition, from, polled));
            }
            return polled;
        }

        private void place() {
            for (int partition : List.copyOf(unplaced)) {
                switch (positions.start(new Positions.Log(partition, TOPIC_ID, 0, end(partition), false))) {
                    case Positions.Start.Earliest _ -> next.put(partition, 0L);
                    case Positions.Start.At(long offset, OptionalInt _) -> next.put(partition, offset);
                    case Positions.Start.NotYet _ -> {
                        continue;
                    }
                }
                unplaced.remove(partition);
            }
        }

        private long take(int partition, long from, List<PolledPartition> polled) {
            List<RawRecord> taken = logs.get(partition).stream().filter(record -> record.offset() >= from).limit(BATCH)
                    .toList();
            if (taken.isEmpty()) {
                return from;
            }
            long after = taken.getLast().offset() + 1;
            polled.add(new PolledPartition(partition, TOPIC_ID, taken, after, OptionalInt.empty()));
            return after;
        }

        @Override
        public void reposition(int partition) {
            if (next.containsKey(partition) && !flaws.contains(Flaw.NEVER_REPOSITIONS)) {
                next.remove(partition);
                unplaced.add(partition);
            }
        }

        @Override
        public void showPositions(Map<Integer, Long> nextOffsets) {
            // For displays alone.
        }
    }

    private final class Publisher implements NumberedPublisher {
        private final HostId host;
        private final Line line;
        private final Optional<Long> early;

        private Publisher(HostId host, Line line, Optional<Long> early) {
            this.host = host;
            this.line = line;
            this.early = early;
        }

        @Override
        public OptionalLong committed() {
            line.at(true);
            return early.map(OptionalLong::of).orElseGet(
                    () -> numbers.containsKey(host) ? OptionalLong.of(numbers.get(host)) : OptionalLong.empty());
        }

        @Override
        public Published publish(List<OutboundRecord> records, long number) {
            try {
                line.at(false);
            } catch (RuntimeException | Error e) {
                line.leave(() -> commit(records, number));
                throw e;
            }
            for (int i = 0; i < records.size(); i++) {
                if (refuses.test(records.get(i))) {
                    return new Published.Refused(i, "too large");
                }
            }
            commit(records, number);
            try {
                line.at(true);
            } catch (RuntimeException e) {
                if (!flaws.contains(Flaw.PUBLISHES_AGAIN)) {
                    throw e;
                }
                commit(records, number);
            }
            return new Published.Committed();
        }

        private void commit(List<OutboundRecord> records, long number) {
            if (publishers.get(host) != this) {
                throw new Away();
            }
            published.addAll(records);
            if (!flaws.contains(Flaw.NUMBER_NOT_COMMITTED)) {
                numbers.put(host, number);
            }
        }

        @Override
        public void close() {
            // What it left open was never seen.
        }
    }
}
