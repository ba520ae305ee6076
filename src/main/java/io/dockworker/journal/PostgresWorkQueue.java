package io.dockworker.journal;

import io.dockworker.command.Command;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/** The work of one host in PostgreSQL. */
public final class PostgresWorkQueue implements WorkQueue {
    private final Store store;
    private final Fence fence;

    public PostgresWorkQueue(Jdbi jdbi, Fence fence) {
        this.store = new Store(jdbi);
        this.fence = fence;
    }

    @Override
    public List<Long> lanesAfter(long after, int limit) {
        return store.read(handle -> handle.createQuery("""
                select distinct lane from commands
                where host = :host and state in ('queued', 'executing') and lane > :after
                order by lane limit :limit""").bind("host", fence.host().value()).bind("after", after)
                .bind("limit", limit).mapTo(Long.class).list());
    }

    @Override
    public List<Work> heads(Collection<Long> lanes) {
        // Parts of one command share what was read of it.
        Map<String, Command> commands = new HashMap<>();
        return store.read(handle -> handle.createQuery("""
                select h.*, coalesce(h.body, whole.body) as command, clock_timestamp() as read_at from (
                    select distinct on (c.lane) c.*, l.container_id, l.had_container, l.spec
                    from commands c join lanes l using (lane)
                    where c.host = :host and c.state in ('queued', 'executing') and c.lane = any(:lanes)
                    order by c.lane, c.seq) h
                left join commands whole on h.child > 0 and whole.id = h.id and whole.child = 0
                order by h.lane""").bind("host", fence.host().value()).bindArray("lanes", Long.class, lanes)
                .map((row, _) -> WorkRows.work(row, commands)).list());
    }

    @Override
    public List<Recorded> record(List<LaneStep> steps) {
        return store.inTransaction(transaction -> {
            List<Recorded> recorded = StepWriter.write(transaction, fence.host(), steps);
            fence.hold(transaction);
            return recorded;
        });
    }

    /** Work that is accepted and not ended, and since when the oldest waits. */
    public record Backlog(long messages, Optional<Instant> oldest) {}

    public Backlog backlog() {
        return store.read((Handle handle) -> handle.createQuery("""
                select count(*), min(received_at) from commands
                where host = :host and state in ('queued', 'executing')""").bind("host", fence.host().value())
                .map((row, _) -> new Backlog(row.getLong(1),
                        Optional.ofNullable(row.getTimestamp(2)).map(java.sql.Timestamp::toInstant)))
                .one());
    }
}
