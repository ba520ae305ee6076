package io.dockworker.journal;

import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Where commands are accepted: a batch of one partition and the partition's new position, together or not at all. */
public interface Inbox {
    /** What became of a batch. */
    sealed interface Taken {
        /**
         * It is stored.
         *
         * @param lanes      of this host, that have work now
         * @param deadLetters by code
         */
        record Stored(Set<Long> lanes, Map<String, Integer> deadLetters) implements Taken {}

        /** Another worker has moved the position; nothing of the batch was stored. */
        record Moved() implements Taken {}
    }

    /** How far a partition has been taken in; empty if it never was. */
    Optional<Position> position(String topic, int partition);

    /** Commands accepted and not yet ended, of the hosts that are alive. */
    long open();

    /**
     * Stores a batch, or nothing of it.
     *
     * @throws Unavailable      if it cannot be done now, or it is not known whether it was
     * @throws RuntimeException any other, if the content is refused
     * @throws Superseded       if this worker no longer owns its host
     */
    Taken accept(IntakeBatch batch);
}
