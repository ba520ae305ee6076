package io.dockworker.journal;

import io.dockworker.command.ContainerEvent;
import io.dockworker.command.ContainerId;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Jdbi;

/** The events that are remembered, the latest first. */
public final class EventViews {
    private final Store store;

    public EventViews(Jdbi jdbi) {
        this.store = new Store(jdbi);
    }

    /**
     * Which events a list shows.
     *
     * @param since the first moment
     * @param until the first moment that is left out
     */
    public record Filter(Optional<ContainerId> container, Optional<String> name, Optional<String> type,
            Optional<String> host, Optional<Instant> since, Optional<Instant> until) {
        public static Filter of(ContainerId container) {
            return new Filter(Optional.of(container), Optional.empty(), Optional.empty(), Optional.empty(),
                    Optional.empty(), Optional.empty());
        }
    }

    /** An event's place in the order of time; ids tell apart those of one moment. */
    public record Place(Instant at, String id) {}

    /** Those older than a place. */
    public List<ContainerEvent> page(Filter filter, Optional<Place> before, int limit) {
        var where = new Conditions();
        filter.container().ifPresent(id -> where.add("container_id = :container", "container", id.value()));
        filter.name().ifPresent(name -> where.add("name = :name", "name", name));
        filter.type().ifPresent(type -> where.add("type = :type", "type", type));
        filter.host().ifPresent(host -> where.add("host = :host", "host", host));
        filter.since().ifPresent(since -> where.add("at >= :since", "since", since));
        filter.until().ifPresent(until -> where.add("at < :until", "until", until));
        before.ifPresent(place -> where.add("(at, event_id) < (:at, :id)", "at", place.at(), "id", place.id()));
        return store.read(handle -> handle
                .createQuery("select * from events" + where + " order by at desc, event_id desc limit :limit")
                .bindMap(where.values()).bind("limit", limit).map((row, _) -> EventRows.event(row)).list());
    }
}
