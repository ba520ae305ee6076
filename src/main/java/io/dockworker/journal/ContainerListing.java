package io.dockworker.journal;

import io.dockworker.command.ContainerSnapshot;
import io.dockworker.command.HostId;
import io.dockworker.command.ImageName;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Jdbi;

/** The managed containers of the whole fleet, as their hosts last saw them, for people who look at all of them. */
public final class ContainerListing {
    private final Store store;

    public ContainerListing(Jdbi jdbi) {
        this.store = new Store(jdbi);
    }

    /** Those of a host, of an image, in one of Docker's states; empty means any. By host and name. */
    public List<ManagedContainer> of(Optional<String> host, Optional<ImageName> image, Optional<String> state) {
        var where = new Conditions();
        host.ifPresent(name -> where.add("host = :host", "host", name));
        image.ifPresent(name -> where.add("image_normal = :image", "image", name.normal()));
        state.ifPresent(word -> where.add("state = :state", "state", word));
        return store.read(handle -> handle
                .createQuery("select host, snapshot, seen_at from containers" + where + " order by host, name")
                .bindMap(where.values()).map((row, _) -> new ManagedContainer(new HostId(row.getString(1)),
                        Json.read(row.getString(2), ContainerSnapshot.class),
                        row.getObject(3, OffsetDateTime.class).toInstant()))
                .list());
    }
}
