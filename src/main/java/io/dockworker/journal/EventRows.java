package io.dockworker.journal;

import io.dockworker.command.ContainerEvent;
import java.util.ArrayList;
import java.util.List;
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
}
