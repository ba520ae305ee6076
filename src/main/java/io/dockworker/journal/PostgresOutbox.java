package io.dockworker.journal;

import java.sql.Timestamp;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/** The outbox of one host in PostgreSQL. */
public final class PostgresOutbox implements Outbox {
    /** Of one portion; each of its rows is held several times while it is published. */
    private static final int MAX_BYTES = 4 << 20;

    private final Store store;
    private final Fence fence;

    public PostgresOutbox(Jdbi jdbi, Fence fence) {
        this.store = new Store(jdbi);
        this.fence = fence;
    }

    /** What waits to be published, and since when. */
    public record Backlog(long messages, Optional<Instant> oldest) {}

    @Override
    public Mark mark() {
        return store.read(handle -> readMark(handle, ""));
    }

    @Override
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

    @Override
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
