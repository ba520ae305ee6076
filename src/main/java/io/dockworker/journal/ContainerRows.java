package io.dockworker.journal;

import io.dockworker.command.ContainerEvent;
import io.dockworker.command.ContainerId;
import io.dockworker.command.ContainerSnapshot;
import io.dockworker.command.HostId;
import io.dockworker.command.ImageName;
import io.dockworker.command.InvalidValue;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;

/** The table of containers: each as its host last saw it. */
final class ContainerRows {
    private ContainerRows() {}

    /**
     * Writes what became of containers.
     *
     * @return that containers vanished which were gone before anybody of us removed them
     */
    static List<ContainerEvent> write(Handle transaction, HostId host, List<Completion> ends,
            List<OutboxMessage> messages) {
        Instant now = transaction.createQuery("select clock_timestamp()").mapTo(Instant.class).one();
        upsert(transaction, host, ends.stream().flatMap(end -> end.seen().stream()).toList(), now, now);
        List<ContainerEvent> vanished = new ArrayList<>();
        for (ManagedContainer row : delete(transaction, ends.stream().flatMap(end -> end.gone().stream()).toList())) {
            boolean removed = ends.stream().flatMap(end -> end.events().stream()).anyMatch(event -> event
                    .type() == ContainerEvent.Type.REMOVE && event.containerId().equals(row.container().id()));
            if (!removed) {
                vanished.add(observed(ContainerEvent.Type.VANISHED, row.host(), row.container(), now));
            }
        }
        for (Completion end : ends) {
            end.seen().ifPresent(container -> messages.add(new OutboxMessage.State(host, container, now)));
            end.gone().ifPresent(id -> messages.add(new OutboxMessage.Forgotten(host, id, now)));
        }
        return vanished;
    }

    /** What nobody of us has done. */
    static ContainerEvent observed(ContainerEvent.Type type, HostId host, ContainerSnapshot container, Instant at) {
        return new ContainerEvent(container.id().abbreviated() + "." + type + "." + at, type, container.id(),
                container.name(), container.image(), host, container.ports(), at, ContainerEvent.Cause.EXTERNAL,
                Optional.empty(), OptionalInt.empty(), Map.of());
    }

    /**
     * Writes containers as they were seen.
     *
     * @param askedAt rows written since are newer, and stay
     * @return those written
     */
    static List<ContainerSnapshot> upsert(Handle transaction, HostId host, List<ContainerSnapshot> containers,
            Instant askedAt, Instant now) {
        List<ContainerSnapshot> written = new ArrayList<>();
        if (containers.isEmpty()) {
            return written;
        }
        PreparedBatch batch = transaction.prepareBatch("""
                insert into containers (container_id, name, image, image_normal, host, state, snapshot, seen_at)
                values (:id, :name, :image, :normal, :host, :state, :snapshot, :now)
                on conflict (container_id) do update set name = excluded.name, host = excluded.host,
                    state = excluded.state, snapshot = excluded.snapshot, seen_at = excluded.seen_at
                where containers.seen_at <= :asked""");
        for (ContainerSnapshot container : containers) {
            batch.bind("id", container.id().value()).bind("name", container.name()).bind("image", container.image())
                    .bind("normal", normalImage(container)).bind("host", host.value())
                    .bind("state", container.status().toString()).bind("snapshot", Json.write(container))
                    .bind("now", now).bind("asked", askedAt).add();
        }
        int[] counts = batch.execute();
        for (int i = 0; i < counts.length; i++) {
            if (counts[i] > 0) {
                written.add(containers.get(i));
            }
        }
        return written;
    }

    /** @return those that there were, as they were seen last */
    static List<ManagedContainer> delete(Handle transaction, List<ContainerId> containers) {
        return containers.isEmpty()
                ? List.of()
                : transaction.createQuery("""
                        delete from containers where container_id = any(:ids) returning host, snapshot, seen_at""")
                        .bindArray("ids", String.class, containers.stream().map(ContainerId::value).toList())
                        .map((row, _) -> managed(row)).list();
    }

    /** Of {@code host, snapshot, seen_at}. */
    static ManagedContainer managed(ResultSet row) throws SQLException {
        return new ManagedContainer(new HostId(row.getString(1)),
                Json.read(row.getString(2), ContainerSnapshot.class),
                row.getObject(3, OffsetDateTime.class).toInstant());
    }

    static List<ManagedContainer> byId(Handle handle, List<String> ids) {
        return handle.createQuery("select host, snapshot, seen_at from containers where container_id = any(:ids)")
                .bindArray("ids", String.class, ids).map((row, _) -> managed(row)).list();
    }

    /** Somebody else's label may hold what is no image name; then only the same text matches it. */
    static String normalImage(ContainerSnapshot container) {
        try {
            return new ImageName(container.image()).normal();
        } catch (InvalidValue _) {
            return container.image();
        }
    }
}
