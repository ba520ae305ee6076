package io.dockworker.kafka;

import java.util.OptionalInt;

/** Knows where reading a partition is to go on. */
public interface Positions {
    /** Where to begin, given the log as it is now. */
    Start start(Log log);

    /**
     * A partition's log as the broker has it at the moment that this worker is given it.
     *
     * @param topicId     changes when a topic is deleted and made anew under its name
     * @param startOffset of the earliest record there is
     * @param endOffset   after the latest
     * @param truncated   the broker says that it no longer has what we had read before the position that we asked for
     */
    record Log(int partition, String topicId, long startOffset, long endOffset, boolean truncated) {}

    /** Where reading a partition is to begin. */
    sealed interface Start {
        /** The earliest record there is. */
        record Earliest() implements Start {}

        /** It cannot be told yet: ask again. */
        record NotYet() implements Start {}

        /** @param leaderEpoch of the record before, so that the broker can tell a log that was cut off */
        record At(long offset, OptionalInt leaderEpoch) implements Start {}
    }
}
