package io.dockworker.journal;

import java.sql.Timestamp;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/**
 * What this host still has to publish. Rows are committed by many; the relay alone numbers them afterwards, so that the
 * numbers have the order in which it publishes, without gaps.
 */
public final class Outbox {
    /** Of one portion; each of its rows is held several times while it is published. */
    private static final int MAX_BYTES = 4 << 20;

    private final Store store;
    private final Fence fence;

    /** The broker has published more than the database ever gave out: the database has lost commits. */
    public static final class Regressed extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Regressed(long published, long given) {
            super("JOURNAL_REGRESSED: " + published + " messages of this host are published, but PostgreSQL knows of "
                    + given
                    + " only, so it has lost commits (an older backup?); restore a newer one, or see Backup in docs/OPERATIONS.md");
        }
    }

    public Outbox(Jdbi jdbi, Fence fence) {
        this.store = new Store(jdbi);
        this.fence = fence;
    }

    /**
     * One row.
     *
     * @param reduced the broker has refused it whole
     */
    public record Numbered(long number, boolean reduced, OutboxMessage message) {}

    /**
     * How far publishing has come, as the database knows it.
     *
     * @param given     the last number given to a row
     * @param published the last number known to be published
     */
    public record Mark(long given, long published) {}

    /** What waits to be published, and since when. */
    public record Backlog(long messages, Optional<Instant> oldest) {}

    public Mark mark() {
        return store.read(handle -> readMark(handle, ""));
    }

    /**
     * Forgets what is published, numbers what has been committed since, and returns the next rows in order.
     *
     * @param published the last number that the broker has committed
     * @param limit     how many rows at most; fewer where they are large, but one at least
     * @throws Regressed  if that number was never given, so that rows would get numbers that are spent
     * @throws Superseded if this worker no longer owns its host
     */
    public List<Numbered> next(long published, int limit) {
        return store.inTransaction(transaction -> {
            Mark mark = readMark(transaction, " for no key update");
            if (published > mark.given()) {
                throw new Regressed(published, mark.given());
            }
            if (published > mark.published()) {
                transaction.createUpdate("delete from outbox where host = :host and number <= :published")
                        .bind("host", fence.host().value()).bind("published", published).execute();
            }
            int numbered = transaction.createUpdate("""
                    with next as (
                        select id, row_number() over (order by id) as place from (
                            select id from outbox where host = :host and number is null order by id limit :limit) o)
                    update outbox o set number = :given + next.place from next where o.id = next.id""")
                    .bind("host", fence.host().value()).bind("given", mark.given()).bind("limit", limit).execute();
            if (numbered > 0 || published > mark.published()) {
                transaction.createUpdate("""
                        update hosts set given = given + :numbered, published = greatest(published, :published)
                        where host = :host""").bind("numbered", numbered).bind("published", published)
                        .bind("host", fence.host().value()).execute();
            }
            return transaction.createQuery("""
                    select number, reduced, payload from (
                        select number, reduced, payload, row_number() over (order by number) as place,
                            sum(octet_length(payload)) over (order by number) as bytes
                        from (select * from outbox
                            where host = :host and number > :published order by number limit :limit) waiting) summed
                    where place = 1 or bytes <= :bytes order by number""")
                    .bind("host", fence.host().value()).bind("published", published).bind("limit", limit)
                    .bind("bytes", MAX_BYTES)
                    .map((row, _) -> new Numbered(row.getLong(1), row.getBoolean(2),
                            Json.read(row.getString(3), OutboxMessage.class)))
                    .list();
        });
    }

    /** Notes that the broker refuses a row as it is, so that a reduced one takes its place. */
    public void reduce(long number) {
        store.inTransaction(transaction -> {
            transaction.createUpdate("update outbox set reduced = true where host = :host and number = :number")
                    .bind("host", fence.host().value()).bind("number", number).execute();
            fence.hold(transaction);
            return null;
        });
    }

    public Backlog backlog() {
        return store.read((Handle handle) -> handle
                .createQuery("select count(*), min(added_at) from outbox where host = :host and number is null "
                        + "or host = :host and number > (select published from hosts where host = :host)")
                .bind("host", fence.host().value())
                .map((row, _) -> new Backlog(row.getLong(1),
                        Optional.ofNullable(row.getTimestamp(2)).map(Timestamp::toInstant)))
                .one());
    }

    private Mark readMark(Handle handle, String locking) {
        return handle.createQuery("select given, published from hosts where host = :host and epoch = :epoch" + locking)
                .bind("host", fence.host().value()).bind("epoch", fence.epoch().value())
                .map((row, _) -> new Mark(row.getLong(1), row.getLong(2))).findOne()
                .orElseThrow(() -> new Superseded(fence.host(), fence.epoch()));
    }
}
