package io.dockworker.kafka;

import java.util.OptionalInt;

/** Where reading a partition is to begin. */
public sealed interface PartitionStart {
    /** The earliest record there is. */
    record LogStart() implements PartitionStart {}

    /** It cannot be told yet: ask again. */
    record NotYet() implements PartitionStart {}

    /** @param leaderEpoch of the record before, so that the broker can tell a log that was cut off */
    record At(long offset, OptionalInt leaderEpoch) implements PartitionStart {}
}
