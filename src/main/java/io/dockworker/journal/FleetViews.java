package io.dockworker.journal;

import io.dockworker.command.HostId;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Jdbi;

/** The hosts of the fleet, and what it is meant to run. */
public final class FleetViews {
    private final Store store;

    public FleetViews(Jdbi jdbi) {
        this.store = new Store(jdbi);
    }

    /**
     * A host.
     *
     * @param live        its worker has missed no three heartbeats, and has not said that it ends
     * @param description JSON: what the worker last said of its host; an empty object before it did
     */
    public record Host(String name, String engineId, long epoch, Instant heartbeatAt, boolean live,
            String description) {}

    /** @param spec JSON: create fields */
    public record DesiredImage(String name, String image, int count, String spec, long generation, Instant changedAt) {}

    /** Those behind a name, in the order of names. */
    public List<Host> hosts(Optional<String> after, int limit) {
        return store.read(handle -> handle.createQuery("""
                select host, engine_id, epoch, heartbeat_at, %s as live, description::text from hosts
                where host > :after order by host limit :limit""".formatted(Hosts.LIVE))
                .bind("after", after.orElse("")).bind("limit", limit)
                .map((row, _) -> new Host(row.getString(1), row.getString(2), row.getLong(3),
                        row.getObject(4, OffsetDateTime.class).toInstant(), row.getBoolean(5), row.getString(6)))
                .list());
    }

    /** Whether a host of this name has ever reported. */
    public boolean isKnown(HostId host) {
        return store.read(handle -> handle.createQuery("select exists (select from hosts where host = :host)")
                .bind("host", host.value()).mapTo(Boolean.class).one());
    }

    /** Those behind a name, in the order of names. */
    public List<DesiredImage> images(Optional<String> after, int limit) {
        return store.read(handle -> handle.createQuery("""
                select name, image, count, spec::text, generation, changed_at from desired_images
                where name > :after order by name limit :limit""").bind("after", after.orElse(""))
                .bind("limit", limit)
                .map((row, _) -> new DesiredImage(row.getString(1), row.getString(2), row.getInt(3),
                        row.getString(4), row.getLong(5), row.getObject(6, OffsetDateTime.class).toInstant()))
                .list());
    }
}
