package io.dockworker.journal;

import io.dockworker.command.Command;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.Query;

/** What this host has to do: the heads of its own lanes, never more. */
public final class WorkQueue {
    private final Store store;
    private final Fence fence;

    public WorkQueue(Jdbi jdbi, Fence fence) {
        this.store = new Store(jdbi);
        this.fence = fence;
    }

    /**
     * The heads of the lanes of this host, by number.
     *
     * @param after the lane behind which to begin; 0: with the first
     * @param limit how many at most
     */
    public List<Work> headsAfter(long after, int limit) {
        return heads(" and c.lane > :after", query -> query.bind("after", after).bind("limit", limit));
    }

    /** The heads of some lanes of this host; a lane without work has none. */
    public List<Work> heads(Collection<Long> lanes) {
        return heads(" and c.lane = any(:lanes)",
                query -> query.bindArray("lanes", Long.class, lanes).bind("limit", lanes.size()));
    }

    private List<Work> heads(String which, UnaryOperator<Query> binding) {
        // Parts of one command share what was read of it.
        Map<String, Command> commands = new HashMap<>();
        return store.read(handle -> binding.apply(handle.createQuery("""
                select h.*, coalesce(h.body, whole.body) as command, clock_timestamp() as read_at from (
                    select distinct on (c.lane) c.*, l.container_id, l.spec from commands c join lanes l using (lane)
                    where c.host = :host and c.state in ('queued', 'executing')%s order by c.lane, c.seq limit :limit) h
                left join commands whole on h.child > 0 and whole.id = h.id and whole.child = 0
                order by h.lane""".formatted(which)))
                .bind("host", fence.host().value()).map((row, _) -> WorkRows.work(row, commands)).list());
    }

    /**
     * Records steps of several lanes in one transaction. Each step is guarded by the state it found, so that the same
     * steps may be recorded again when it is not known whether the commit took place.
     *
     * @return for each step, in order, what became of it
     * @throws Superseded if this worker no longer owns its host
     */
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
