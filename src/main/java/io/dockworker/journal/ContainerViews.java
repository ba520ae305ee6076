package io.dockworker.journal;

import io.dockworker.command.ContainerStatus;
import io.dockworker.command.HostId;
import io.dockworker.command.ImageName;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Jdbi;

/** The managed containers of the fleet, page by page. */
public final class ContainerViews {
    private final Store store;

    public ContainerViews(Jdbi jdbi) {
        this.store = new Store(jdbi);
    }

    /** Which containers a list shows; an image counts in its normal form. */
    public record Filter(Optional<HostId> host, Optional<ImageName> image, Optional<ContainerStatus> status) {}

    /** A container's place in the order of names; ids tell apart those that share one, on two hosts. */
    public record Place(String name, String id) {}

    /** Those behind a place. */
    public List<ManagedContainer> page(Filter filter, Optional<Place> after, int limit) {
        var where = new Conditions();
        filter.host().ifPresent(host -> where.add("host = :host", "host", host.value()));
        filter.image().ifPresent(image -> where.add("(image_normal = :normal or image = :given)", "normal",
                image.normal(), "given", image.given()));
        filter.status().ifPresent(status -> where.add("state = :state", "state", status.toString()));
        after.ifPresent(place -> where.add("(name, container_id) > (:name, :id)", "name", place.name(), "id",
                place.id()));
        return store.read(handle -> handle.createQuery("select host, snapshot, seen_at from containers" + where
                + " order by name, container_id limit :limit").bindMap(where.values()).bind("limit", limit)
                .map((row, _) -> ContainerRows.managed(row)).list());
    }

    /** Whether what has this name has commands that have not ended, as a container has that is yet to be made. */
    public boolean isToCome(String name) {
        return store.read(handle -> handle.createQuery("""
                select exists (select from names join commands using (lane)
                               where name = :name and state in ('queued', 'executing'))""").bind("name", name)
                .mapTo(Boolean.class).one());
    }
}
