package io.dockworker.journal;

import java.util.List;

/**
 * What this host still has to publish. Rows are committed by many; the relay alone numbers them afterwards, so that the
 * numbers have the order in which it publishes, without gaps.
 */
public interface Outbox {
    /** The broker has published more than the database ever gave out: the database has lost commits. */
    final class Regressed extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Regressed(long published, long given) {
            super("JOURNAL_REGRESSED: " + published + " messages of this host are published, but PostgreSQL knows of "
                    + given
                    + " only, so it has lost commits (an older backup?); restore a newer one, or see Backup in docs/OPERATIONS.md");
        }
    }

    /**
     * One row.
     *
     * @param reduced the broker has refused it whole
     */
    record Numbered(long number, boolean reduced, OutboxMessage message) {}

    /**
     * How far publishing has come, as the database knows it.
     *
     * @param given     the last number given to a row
     * @param published the last number known to be published
     */
    record Mark(long given, long published) {}

    /** @throws Superseded if this worker no longer owns its host */
    Mark mark();

    /**
     * Forgets what is published, numbers what has been committed since, and returns the next rows in order.
     *
     * @param published the last number that the broker has committed
     * @param limit     how many rows at most; fewer where they are large, but one at least
     * @throws Regressed  if that number was never given, so that rows would get numbers that are spent
     * @throws Superseded if this worker no longer owns its host
     */
    List<Numbered> next(long published, int limit);

    /** Notes that the broker refuses a row as it is, so that a reduced one takes its place. */
    void reduce(long number);
}
