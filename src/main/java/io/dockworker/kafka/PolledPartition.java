package io.dockworker.kafka;

import java.util.List;
import java.util.OptionalInt;

/**
 * What one poll brought from one partition.
 *
 * @param topicId     the broker's id of the topic
 * @param nextOffset  where the consumer stands after the poll; past the last record where transactions leave gaps
 * @param leaderEpoch of the record right before {@code nextOffset}; empty where that is not among these
 */
public record PolledPartition(int partition, String topicId, List<RawRecord> records, long nextOffset,
        OptionalInt leaderEpoch) {}
