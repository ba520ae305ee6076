package io.dockworker.journal;

import io.dockworker.command.Epoch;
import io.dockworker.command.HostId;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/** Which worker owns which host and engine. */
public final class Hosts {
    private static final String LIVE = "heartbeat_at > clock_timestamp() - 3 * heartbeat_every";

    private final Store store;

    public Hosts(Jdbi jdbi) {
        this.store = new Store(jdbi);
    }

    /** One host, as the database knows it. */
    public record Registered(HostId host, String engineId, Epoch epoch, Instant heartbeatAt, boolean live) {}

    /** What became of a claim. */
    public sealed interface Claim {
        record Owned(Fence fence) implements Claim {}

        /** The host id or the engine belongs to another pair; the message says which, and the mend. */
        record Refused(String message) implements Claim {}
    }

    /**
     * Raises the epoch of a host, which shuts out every earlier worker. The caller holds the engine's lock.
     *
     * @param every how often this worker will beat; after three missed beats it counts as lost
     */
    public Claim claim(HostId host, String engineId, Duration every) {
        return store.inTransaction(transaction -> {
            List<Registered> rows = rows(transaction,
                    "where host = :host or engine_id = :engine order by host for update",
                    host.value(), engineId);
            for (Registered row : rows) {
                boolean sameHost = row.host().equals(host);
                if (sameHost && !row.engineId().equals(engineId) && row.live()) {
                    return new Claim.Refused("HOST_ID " + host + " is in use by a live worker on another engine ("
                            + row.engineId() + "); give this host a HOST_ID of its own");
                }
                if (!sameHost) {
                    return new Claim.Refused("this engine (" + engineId + ") is registered as host " + row.host()
                            + "; set HOST_ID=" + row.host());
                }
            }
            long epoch = transaction.createQuery("""
                    insert into hosts (host, engine_id, epoch, heartbeat_at, heartbeat_every)
                    values (:host, :engine, 1, clock_timestamp(), :every * interval '1 second')
                    on conflict (host) do update set engine_id = excluded.engine_id, epoch = hosts.epoch + 1,
                        heartbeat_at = excluded.heartbeat_at, heartbeat_every = excluded.heartbeat_every
                    returning epoch""").bind("host", host.value()).bind("engine", engineId)
                    .bind("every", every.toMillis() / 1_000.0).mapTo(Long.class).one();
            return new Claim.Owned(new Fence(host, new Epoch(epoch)));
        });
    }

    /**
     * Says that the worker is alive.
     *
     * @param description JSON for people: capacity, versions, labels
     * @throws Superseded if it no longer owns its host
     */
    public void beat(Fence fence, String description) {
        int rows = store.read(handle -> handle.createUpdate("""
                update hosts set heartbeat_at = clock_timestamp(), description = cast(:description as jsonb)
                where host = :host and epoch = :epoch""").bind("host", fence.host().value())
                .bind("epoch", fence.epoch().value()).bind("description", description).execute());
        if (rows == 0) {
            throw new Superseded(fence.host(), fence.epoch());
        }
    }

    /** The host of an engine, where one has ever claimed it. */
    public Optional<Registered> ofEngine(String engineId) {
        return store.read(handle -> rows(handle, "where engine_id = :engine", "", engineId).stream().findFirst());
    }

    private static List<Registered> rows(Handle handle, String where, String host, String engineId) {
        return handle
                .createQuery("select host, engine_id, epoch, heartbeat_at, " + LIVE + " as live from hosts " + where)
                .bind("host", host).bind("engine", engineId)
                .map((row, _) -> new Registered(new HostId(row.getString(1)), row.getString(2),
                        new Epoch(row.getLong(3)), row.getTimestamp(4).toInstant(), row.getBoolean(5)))
                .list();
    }
}
