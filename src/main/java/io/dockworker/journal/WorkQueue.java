package io.dockworker.journal;

import io.dockworker.command.Command;
import io.dockworker.command.CommandId;
import io.dockworker.command.ContainerId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/** What this host has to do: the heads of its own lanes, never more. */
public final class WorkQueue {
    private static final String HEADS = """
            select distinct on (c.lane) c.*, l.container_id from commands c join lanes l using (lane)
            where c.host = :host and c.state in ('queued', 'executing')%s order by c.lane, c.seq""";

    private final Store store;
    private final Fence fence;

    public WorkQueue(Jdbi jdbi, Fence fence) {
        this.store = new Store(jdbi);
        this.fence = fence;
    }

    /** The heads of all lanes of this host. */
    public List<Work> heads() {
        return store.read(handle -> handle.createQuery(HEADS.formatted("")).bind("host", fence.host().value())
                .map((row, _) -> work(row)).list());
    }

    /** The heads of some lanes of this host; a lane without work has none. */
    public List<Work> heads(Collection<Long> lanes) {
        return store.read(handle -> handle.createQuery(HEADS.formatted(" and c.lane = any(:lanes)"))
                .bind("host", fence.host().value()).bindArray("lanes", Long.class, lanes)
                .map((row, _) -> work(row)).list());
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

    private Work work(ResultSet row) throws SQLException {
        return new Work(new WorkKey(new CommandId(row.getString("id")), row.getInt("child")),
                Json.read(row.getString("body"), Command.class), fence.host(), row.getLong("lane"), row.getLong("seq"),
                Optional.ofNullable(row.getString("container_id")).map(ContainerId::new),
                Optional.ofNullable(row.getString("spec_hash")), row.getBytes("message_key"), row.getInt("attempts"),
                Optional.ofNullable(row.getString("intent")).map(json -> Json.read(json, Intent.class)),
                row.getTimestamp("received_at").toInstant(), row.getTimestamp("deadline_at").toInstant(),
                Optional.ofNullable(row.getTimestamp("started_at")).map(java.sql.Timestamp::toInstant));
    }
}
