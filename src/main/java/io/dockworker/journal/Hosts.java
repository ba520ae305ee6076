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
    /** Of a row of hosts: its worker has not said that it ends, and has not missed three beats. */
    static final String LIVE = "not released and heartbeat_at > clock_timestamp() - 3 * heartbeat_every";

    private final Store store;

    public Hosts(Jdbi jdbi) {
        this.store = new Store(jdbi);
    }

    /** One host, as the database knows it. */
    public record Registered(HostId host, String engineId, Epoch epoch, Instant heartbeatAt, boolean live,
            boolean released) {
        /**
         * Whether the worker that took the engine then has missed three beats. One that has not claimed its host yet has
         * not been heard at all: what this row says is of its predecessor.
         */
        public boolean isLostSince(Instant taken) {
            return !live && heartbeatAt.isAfter(taken);
        }
    }

    /** What became of a claim. */
    public sealed interface Claim {
        record Owned(Fence fence) implements Claim {}

        /** The host id or the engine belongs to another pair; the message says which, and the mend. */
        record Refused(String message) implements Claim {}
    }

    /** What stands behind a claim. */
    public enum Right {
        /** The claimant holds the engine's lock, so no other worker acts on it. */
        LOCK,
        /** Nothing: the engine cannot be locked. */
        NONE,
        /** Somebody's word that an earlier worker of this engine, if there was one, is gone. */
        TAKE_OVER
    }

    /**
     * Raises the epoch of a host, which shuts out every earlier worker.
     *
     * @param every how often this worker will beat; after three missed beats it counts as lost
     */
    public Claim claim(HostId host, String engineId, Duration every, Right right) {
        return store.inTransaction(transaction -> {
            List<Registered> rows = rows(transaction,
                    "where host = :host or engine_id = :engine order by host for update",
                    host.value(), engineId);
            for (Registered row : rows) {
                Optional<String> refusal = refusal(row, host, engineId, right);
                if (refusal.isPresent()) {
                    return new Claim.Refused(refusal.get());
                }
            }
            long epoch = transaction.createQuery("""
                    insert into hosts (host, engine_id, epoch, heartbeat_at, heartbeat_every)
                    values (:host, :engine, 1, clock_timestamp(), :every * interval '1 second')
                    on conflict (host) do update set engine_id = excluded.engine_id, epoch = hosts.epoch + 1,
                        heartbeat_at = excluded.heartbeat_at, heartbeat_every = excluded.heartbeat_every,
                        released = false
                    returning epoch""").bind("host", host.value()).bind("engine", engineId)
                    .bind("every", every.toMillis() / 1_000.0).mapTo(Long.class).one();
            return new Claim.Owned(new Fence(host, new Epoch(epoch)));
        });
    }

    private static Optional<String> refusal(Registered row, HostId host, String engineId, Right right) {
        boolean sameHost = row.host().equals(host);
        boolean sameEngine = row.engineId().equals(engineId);
        if (!sameHost) {
            return Optional.of("this engine (" + engineId + ") is registered as host " + row.host() + "; set HOST_ID="
                    + row.host());
        }
        if (!sameEngine && row.live()) {
            return Optional.of("HOST_ID " + host + " is in use by a live worker on another engine (" + row.engineId()
                    + "); give this host a HOST_ID of its own");
        }
        // Lost is not gone: a frozen process wakes up, and only a lock would have kept it from the engine.
        if (sameEngine && right == Right.NONE && !row.released()) {
            return Optional
                    .of("this engine has a worker that did not say that it ends (host " + host + ", last heard of "
                            + row.heartbeatAt()
                            + "), and an engine over TCP cannot be locked against it; stop that worker, and "
                            + "if it is gone for sure, start this one with --take-over");
        }
        return Optional.empty();
    }

    /** Says that the worker ends in order, and no longer acts on its engine. A worker that was superseded says nothing. */
    public void release(Fence fence) {
        store.read(
                handle -> handle.createUpdate("update hosts set released = true where host = :host and epoch = :epoch")
                        .bind("host", fence.host().value()).bind("epoch", fence.epoch().value()).execute());
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

    /**
     * Asks whether the host is still the worker's own.
     *
     * @throws Superseded if it is not
     */
    public void confirm(Fence fence) {
        store.inTransaction(transaction -> {
            fence.hold(transaction);
            return true;
        });
    }

    /** The host of an engine, where one has ever claimed it. */
    public Optional<Registered> ofEngine(String engineId) {
        return store.read(handle -> rows(handle, "where engine_id = :engine", "", engineId).stream().findFirst());
    }

    private static List<Registered> rows(Handle handle, String where, String host, String engineId) {
        return handle
                .createQuery("select host, engine_id, epoch, heartbeat_at, " + LIVE + " as live, released from hosts "
                        + where)
                .bind("host", host).bind("engine", engineId)
                .map((row, _) -> new Registered(new HostId(row.getString(1)), row.getString(2),
                        new Epoch(row.getLong(3)), row.getTimestamp(4).toInstant(), row.getBoolean(5),
                        row.getBoolean(6)))
                .list();
    }
}
