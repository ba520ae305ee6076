package io.dockworker.journal;

import java.util.List;
import java.util.Optional;

/**
 * What one poll took from one partition.
 *
 * @param before where the partition stood before the poll; empty if it was never taken in
 * @param after  where it stands now, which may lie past the last record: transactions leave gaps
 */
public record IntakeBatch(String topic, int partition, Optional<Position> before, Position after,
        List<Incoming> records) {
    public IntakeBatch {
        records = List.copyOf(records);
    }

    /** The first half and the rest, to find the one record that the database refuses. */
    public List<IntakeBatch> halves() {
        int middle = records.size() / 2;
        Position between = new Position(after.topicId(), records.get(middle).source().offset(), after.leaderEpoch());
        return List.of(new IntakeBatch(topic, partition, before, between, records.subList(0, middle)),
                new IntakeBatch(topic, partition, Optional.of(between), after,
                        records.subList(middle, records.size())));
    }
}
