package io.dockworker.journal;

import java.util.OptionalInt;

/**
 * How far a partition of the commands topic has been taken in.
 *
 * @param topicId     the broker's id of the topic, which changes when a topic is made anew under its name
 * @param nextOffset  the first offset not taken in
 * @param leaderEpoch of the last record taken in, to notice a log that was cut off beneath us
 */
public record Position(String topicId, long nextOffset, OptionalInt leaderEpoch) {
    /** Whether it is the same place, whatever is known of the record before it. */
    public boolean isAt(Position other) {
        return topicId.equals(other.topicId) && nextOffset == other.nextOffset;
    }
}
