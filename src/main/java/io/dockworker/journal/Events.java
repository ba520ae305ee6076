package io.dockworker.journal;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import org.jdbi.v3.core.Jdbi;

/** What has happened to containers, as the events table remembers it. */
public final class Events {
    private final Store store;

    public Events(Jdbi jdbi) {
        this.store = new Store(jdbi);
    }

    /** One row, for people. */
    public record Row(Instant at, String type, String name, String image, String cause, String commandId) {}

    /** Those of the containers of one name, oldest first. */
    public List<Row> ofName(String name, int limit) {
        return store.read(handle -> handle.createQuery("""
                select at, type, name, image, cause, coalesce(command_id, '') from events
                where name = :name order by at, event_id limit :limit""").bind("name", name).bind("limit", limit)
                .map((row, _) -> new Row(row.getObject(1, OffsetDateTime.class).toInstant(), row.getString(2),
                        row.getString(3), row.getString(4), row.getString(5), row.getString(6)))
                .list());
    }
}
