package io.dockworker.fleet;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.LongSupplier;

/** Says regularly that this worker is alive, to the database: the word of the topic is not waited for. */
public final class Heartbeat {
    private static final int BEATS = 3;
    private final Runnable database;
    private final Duration every;
    private final LongSupplier nanos;
    /** When the latest beats reached the database, the oldest first. */
    private final Deque<Long> arrived = new ArrayDeque<>();

    /**
     * @param database throws if the beat did not reach it
     * @param nanos    a clock that is never set, as {@link System#nanoTime()}
     */
    public Heartbeat(Runnable database, Duration every, LongSupplier nanos) {
        this.database = database;
        this.every = every;
        this.nanos = nanos;
    }

    /**
     * Beats once.
     *
     * @throws io.dockworker.journal.Superseded if another worker owns the host now
     */
    public void runOnce() {
        database.run();
        synchronized (arrived) {
            arrived.addLast(nanos.getAsLong());
            if (arrived.size() > BEATS) {
                arrived.removeFirst();
            }
        }
    }

    /**
     * Whether the last three beats came in time. After an outage of the database every host looks lost, so only a worker
     * that was heard all along may say that another was not.
     */
    public boolean isSteady() {
        synchronized (arrived) {
            return arrived.size() == BEATS
                    && nanos.getAsLong() - arrived.getFirst() < every.multipliedBy(BEATS + 1).toNanos();
        }
    }
}
