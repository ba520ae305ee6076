package io.dockworker.journal;

import io.dockworker.command.ContainerEvent;
import io.dockworker.command.ContainerId;
import io.dockworker.command.ContainerSnapshot;
import io.dockworker.command.HostId;
import io.dockworker.command.Labels;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.Query;

/** The managed containers of the fleet: read by many, mended by the observation of their own host. */
public final class Containers {
    private final Store store;

    public Containers(Jdbi jdbi) {
        this.store = new Store(jdbi);
    }

    /** Those that a reference names: by full id, else by name, else by a prefix of the id of at least 12 digits. */
    public List<ManagedContainer> find(String reference) {
        List<ManagedContainer> exact = read("where container_id = :ref or name = :ref",
                query -> query.bind("ref", reference));
        if (!exact.isEmpty() || !reference.matches("[0-9a-f]{" + Acceptance.MIN_PREFIX + ",63}")) {
            List<ManagedContainer> byId = exact.stream()
                    .filter(container -> container.container().id().value().equals(reference)).toList();
            return byId.isEmpty() ? exact : byId;
        }
        return read("where container_id like :ref || '%' limit 2", query -> query.bind("ref", reference));
    }

    public List<ManagedContainer> ofHost(HostId host) {
        return read("where host = :host order by name", query -> query.bind("host", host.value()));
    }

    /** The database's clock, to mark the moment before the engine is asked. */
    public Instant now() {
        return store.read(handle -> handle.createQuery("select clock_timestamp()").mapTo(Instant.class).one());
    }

    /**
     * Those on record for a host that its engine does not list. The caller asks the engine for each before it believes
     * that it is gone.
     *
     * @param askedAt rows written since then are newer than the listing and are left alone, as are containers that a
     *                command is at work on
     */
    public List<ContainerId> missing(HostId host, Set<ContainerId> listed, Instant askedAt) {
        return store.read(handle -> handle.createQuery("""
                select container_id from containers c where host = :host and seen_at < :asked
                and not exists (select 1 from lanes l join commands w using (lane)
                    where l.container_id = c.container_id and w.state in ('queued', 'executing'))""")
                .bind("host", host.value()).bind("asked", askedAt)
                .map((row, _) -> new ContainerId(row.getString(1))).list()).stream()
                .filter(id -> !listed.contains(id)).toList();
    }

    /**
     * What came of a look at the engine.
     *
     * @param messages how many there are to publish
     * @param left     containers whose records are newer than the look, or not there yet, or ended, so that nothing was
     *                 written
     */
    public record Reconciled(int messages, Set<ContainerId> left) {}

    /**
     * Brings the records of a host in line with its engine: new containers are adopted, changed ones are noted, vanished
     * ones forgotten, each with its state message.
     *
     * @param vanished of those on record, the ones that the engine says it does not have
     * @param told     what has happened to the containers, for the record and to be published
     */
    public Reconciled reconcile(Fence fence, List<ContainerSnapshot> listing, List<ContainerId> vanished,
            Instant askedAt, Map<ContainerId, List<ContainerEvent>> told) {
        return store.inTransaction(transaction -> {
            List<OutboxMessage> messages = new ArrayList<>();
            Map<ContainerId, List<ContainerEvent>> untold = new HashMap<>(told);
            List<ContainerEvent> events = new ArrayList<>();
            Set<ContainerId> left = new HashSet<>();
            Set<String> lanes = transaction
                    .createQuery("select container_id from lanes where host = :host and container_id is not null")
                    .bind("host", fence.host().value()).mapTo(String.class).set();
            // Names come before lanes in the order of locks: a create that is being accepted may want the same one.
            Set<String> names = listing.stream()
                    .filter(container -> !lanes.contains(container.id().value())).map(ContainerSnapshot::name)
                    .collect(Collectors.toCollection(TreeSet::new));
            names.addAll(Renames.names(transaction, listing));
            PostgresInbox.lockNames(transaction, names);
            Renames.apply(transaction, listing, askedAt);
            Instant now = transaction.createQuery("select clock_timestamp()").mapTo(Instant.class).one();
            Map<ContainerId, ManagedContainer> known = new HashMap<>();
            Stream<ContainerId> looked = Stream.concat(listing.stream().map(ContainerSnapshot::id), vanished.stream());
            List<String> ids = looked.map(ContainerId::value).toList();
            rows(transaction, "where host = :host and container_id = any(:ids) order by container_id for update",
                    query -> query.bind("host", fence.host().value()).bindArray("ids", String.class, ids))
                    .forEach(row -> known.put(row.container().id(), row));
            List<ContainerId> gone = vanished.stream()
                    .filter(id -> known.containsKey(id) && known.get(id).seenAt().isBefore(askedAt)).toList();
            LaneRows.forget(transaction, gone);
            for (ManagedContainer row : ContainerRows.delete(transaction, gone)) {
                ContainerId id = row.container().id();
                List<ContainerEvent> last = take(untold, id);
                events.addAll(last);
                if (last.stream().noneMatch(event -> event.type() == ContainerEvent.Type.REMOVE)) {
                    events.add(ContainerRows.observed(ContainerEvent.Type.VANISHED, fence.host(), row.container(),
                            now));
                }
                messages.add(new OutboxMessage.Forgotten(fence.host(), id, now));
            }
            for (ContainerId id : vanished) {
                if (known.containsKey(id) && !gone.contains(id)) {
                    take(untold, id);
                    left.add(id);
                }
            }
            Set<String> ended = ended(transaction, listing);
            List<ContainerSnapshot> changed = new ArrayList<>();
            for (ContainerSnapshot container : listing) {
                List<ContainerEvent> news = take(untold, container.id());
                if (ended.contains(container.id().value())) {
                    // It was removed after the engine had listed it, which is the end of what there is to tell.
                    left.add(container.id());
                    continue;
                }
                if (!lanes.contains(container.id().value())) {
                    if (!adopt(transaction, fence.host(), container)) {
                        // Half made: the create that is under way will say what came of it.
                        left.add(container.id());
                        continue;
                    }
                    events.add(ContainerRows.observed(ContainerEvent.Type.ADOPTED, fence.host(), container,
                            container.createdAt()));
                }
                ManagedContainer row = known.get(container.id());
                if (row != null && !row.seenAt().isBefore(askedAt)) {
                    left.add(container.id());
                    continue;
                }
                events.addAll(news);
                if (row == null || !row.container().equals(container)) {
                    changed.add(container);
                }
            }
            untold.values().forEach(events::addAll);
            ContainerRows.upsert(transaction, fence.host(), changed, askedAt, now).forEach(
                    container -> messages.add(new OutboxMessage.State(fence.host(), container, now)));
            EventRows.insert(transaction, events).forEach(event -> messages.add(new OutboxMessage.Event(event)));
            OutboxWriter.append(transaction, fence.host(), messages);
            fence.hold(transaction);
            return new Reconciled(messages.size(), left);
        });
    }

    private static List<ContainerEvent> take(Map<ContainerId, List<ContainerEvent>> untold, ContainerId id) {
        List<ContainerEvent> events = untold.remove(id);
        return events == null ? List.of() : events;
    }

    private static Set<String> ended(Handle transaction, List<ContainerSnapshot> listing) {
        return transaction.createQuery("""
                select container_id from events where type in ('remove', 'vanished') and container_id = any(:ids)""")
                .bindArray("ids", String.class, listing.stream().map(one -> one.id().value()).toList())
                .mapTo(String.class).set();
    }

    /** Opens a lane for a container that has none; not for one that a create or a replacement is making. */
    private static boolean adopt(Handle transaction, HostId host, ContainerSnapshot container) {
        boolean halfMade = transaction.createQuery("""
                select exists (select 1 from lanes where container_id = :id)
                    or exists (select 1 from commands where id = :command and host = :host and lane is not null)
                    or exists (select 1 from names join commands using (lane)
                        where name = :name and host = :host and type = 'create')""")
                .bind("id", container.id().value()).bind("name", container.name()).bind("host", host.value())
                .bindByType("command", container.labels().get(Labels.COMMAND_ID), String.class)
                .mapTo(Boolean.class).one();
        if (halfMade) {
            return false;
        }
        long lane = transaction.createQuery(
                """
                        insert into lanes (host, image, container_id, had_container) values (:host, :image, :id, true) returning lane""")
                .bind("host", host.value()).bind("image", ContainerRows.normalImage(container))
                .bind("id", container.id().value()).mapTo(Long.class).one();
        // A name means one container of the fleet: where it is taken, this one is found by its id alone.
        transaction.createUpdate("insert into names (name, lane) values (:name, :lane) on conflict do nothing")
                .bind("name", container.name()).bind("lane", lane).execute();
        return true;
    }

    private List<ManagedContainer> read(String where, UnaryOperator<Query> binding) {
        return store.read(handle -> rows(handle, where, binding));
    }

    private static List<ManagedContainer> rows(Handle handle, String where,
            UnaryOperator<Query> binding) {
        return binding.apply(handle.createQuery("select host, snapshot, seen_at from containers " + where))
                .map((row, _) -> ContainerRows.managed(row)).list();
    }
}
