package io.dockworker.journal;

import io.dockworker.command.CommandId;
import io.dockworker.command.ContainerEvent;
import io.dockworker.command.ContainerId;
import io.dockworker.command.HostId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;

/** The table of events. */
final class EventRows {
    private EventRows() {}

    /** @return those that were not on record yet, whoever saw them first */
    static List<ContainerEvent> insert(Handle transaction, List<ContainerEvent> events) {
        List<ContainerEvent> added = new ArrayList<>();
        if (events.isEmpty()) {
            return added;
        }
        PreparedBatch batch = transaction.prepareBatch("""
                insert into events (event_id, type, container_id, name, image, host, ports, at, cause, command_id,
                    exit_code, attributes)
                values (:id, :type, :container, :name, :image, :host, cast(:ports as jsonb), :at, :cause, :command,
                    :exit, cast(:attributes as jsonb))
                on conflict do nothing""");
        for (ContainerEvent event : events) {
            batch.bind("id", event.eventId()).bind("type", event.type().toString())
                    .bind("container", event.containerId().value()).bind("name", event.name())
                    .bind("image", event.image()).bind("host", event.host().value())
                    .bind("ports", Json.ports(event.ports())).bind("at", event.at())
                    .bind("cause", event.cause().toString())
                    .bind("command", event.commandId().map(id -> id.value()).orElse(null))
                    .bind("attributes", Json.write(event.attributes()));
            batch.bindByType("exit", event.exitCode().isPresent() ? event.exitCode().getAsInt() : null, Integer.class);
            batch.add();
        }
        int[] counts = batch.execute();
        for (int i = 0; i < counts.length; i++) {
            if (counts[i] > 0) {
                added.add(events.get(i));
            }
        }
        return added;
    }

    static List<ContainerEvent> byId(Handle handle, List<String> ids) {
        return handle.createQuery("select * from events where event_id = any(:ids)").bindArray("ids", String.class, ids)
                .map((row, _) -> event(row)).list();
    }

    static ContainerEvent event(ResultSet row) throws SQLException {
        int exitCode = row.getInt("exit_code");
        OptionalInt exit = row.wasNull() ? OptionalInt.empty() : OptionalInt.of(exitCode);
        return new ContainerEvent(row.getString("event_id"),
                ContainerEvent.Type.valueOf(row.getString("type").toUpperCase(Locale.ROOT)),
                new ContainerId(row.getString("container_id")), row.getString("name"), row.getString("image"),
                new HostId(row.getString("host")), Json.readPorts(row.getString("ports")),
                row.getObject("at", OffsetDateTime.class).toInstant(),
                ContainerEvent.Cause.valueOf(row.getString("cause").toUpperCase(Locale.ROOT)),
                Optional.ofNullable(row.getString("command_id")).map(CommandId::new), exit,
                Json.readTexts(row.getString("attributes")));
    }
}
