package io.dockworker.kafka;

import java.time.Duration;
import java.util.List;
import java.util.Map;

/** Brings the records of those partitions of the commands topic that are this worker's. */
public interface CommandSource {
    /**
     * Waits for records of the partitions assigned to this worker.
     *
     * @param paused true: keep the membership alive, but take nothing
     */
    List<PolledPartition> poll(Duration time, boolean paused);

    /** Goes on from where the positions say, at the next poll. */
    void reposition(int partition);

    /** Tells Kafka how far we are, for lag displays alone. */
    void showPositions(Map<Integer, Long> nextOffsets);
}
