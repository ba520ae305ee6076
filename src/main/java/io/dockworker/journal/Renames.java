package io.dockworker.journal;

import io.dockworker.command.ContainerSnapshot;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;
import org.jdbi.v3.core.statement.Query;

/** Containers that were renamed with the engine used directly: their lanes follow, so that commands find them. */
final class Renames {
    private Renames() {}

    /** The old and the new names of those renamed, which are to be locked before anything else. */
    static Set<String> names(Handle transaction, List<ContainerSnapshot> listing) {
        Set<String> names = new TreeSet<>();
        bind(transaction.createQuery("""
                select c.name, s.name from unnest(:ids, :names) s(id, name)
                join containers c on c.container_id = s.id where c.name <> s.name"""), listing)
                .map((row, _) -> names.addAll(List.of(row.getString(1), row.getString(2)))).list();
        return names;
    }

    /**
     * Gives lanes the new names and takes the old ones back. A new name that another lane holds stays there: a create
     * under way wants it, and will hear from the engine that it is taken.
     *
     * @param askedAt what was written since is newer than the listing
     */
    static void apply(Handle transaction, List<ContainerSnapshot> listing, Instant askedAt) {
        record Renamed(long lane, String from, String to) {}
        Collection<Renamed> renamed = bind(transaction.createQuery("""
                select l.lane, c.name, s.name from unnest(:ids, :names) s(id, name)
                join containers c on c.container_id = s.id and c.name <> s.name and c.seen_at < :asked
                join lanes l on l.container_id = c.container_id
                order by l.lane for update of l"""), listing).bind("asked", askedAt)
                .map((row, _) -> new Renamed(row.getLong(1), row.getString(2), row.getString(3))).list();
        if (renamed.isEmpty()) {
            return;
        }
        // All old names first: containers may have swapped theirs.
        Set<String> passedOn = renamed.stream().map(Renamed::to).collect(Collectors.toSet());
        PreparedBatch old = transaction.prepareBatch("delete from names where name = :name and lane = :lane");
        for (Renamed one : renamed) {
            if (passedOn.contains(one.from())) {
                old.bind("name", one.from()).bind("lane", one.lane()).add();
            } else {
                LaneRows.free(transaction, one.lane(), one.from());
            }
        }
        if (old.size() > 0) {
            old.execute();
        }
        PreparedBatch fresh = transaction
                .prepareBatch("insert into names (name, lane) values (:name, :lane) on conflict do nothing");
        renamed.forEach(one -> fresh.bind("name", one.to()).bind("lane", one.lane()).add());
        fresh.execute();
    }

    private static Query bind(Query query, List<ContainerSnapshot> listing) {
        return query
                .bindArray("ids", String.class, listing.stream().map(container -> container.id().value()).toList())
                .bindArray("names", String.class, listing.stream().map(ContainerSnapshot::name).toList());
    }
}
