package io.dockworker.journal;

import io.dockworker.command.Command;
import io.dockworker.command.ContainerId;
import io.dockworker.command.ContainerName;
import io.dockworker.command.ContainerSnapshot;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;

/**
 * The end of work and of containers, as it concerns their lanes. A lane ends when it has neither a container nor an open
 * command. Whether it has one is asked once its row is locked: whoever gives it work locks the row, too.
 */
final class LaneRows {
    private LaneRows() {}

    /**
     * Lets each lane keep its container, take a new one, or end.
     *
     * @param ends their commands are marked as done already
     * @return for each lane, whether it has further work
     */
    static Map<Long, Boolean> update(Handle transaction, List<Completion> ends) {
        Map<Long, String> containers = lock(transaction, "lane = any(:lanes)", "lanes", Long.class,
                ends.stream().map(end -> end.work().lane()).collect(Collectors.toSet()));
        for (Completion end : inTurn(ends)) {
            // What ends without having touched the container may have read it before the lane was locked.
            if (!end.laneHolds().equals(end.work().container())) {
                containers.put(end.work().lane(), end.laneHolds().map(ContainerId::value).orElse(null));
            }
            end.freedName().ifPresent(name -> free(transaction, end, name));
        }
        freeOthers(transaction, ends);
        Set<Long> working = working(transaction, containers.keySet());
        Set<Long> over = containers.keySet().stream()
                .filter(lane -> containers.get(lane) == null && !working.contains(lane)).collect(Collectors.toSet());
        hold(transaction, inTurn(ends).stream().filter(end -> !over.contains(end.work().lane())).toList(), containers);
        delete(transaction, over);
        return containers.keySet().stream().collect(Collectors.toMap(lane -> lane, working::contains));
    }

    /** Unless the lane's container has it. */
    private static void free(Handle transaction, Completion end, String name) {
        Optional<String> has = end.seen().map(ContainerSnapshot::name).or(() -> transaction.createQuery(
                "select c.name from lanes join containers c using (container_id) where lane = :lane")
                .bind("lane", end.work().lane()).mapTo(String.class).findOne());
        if (has.filter(name::equals).isEmpty()) {
            free(transaction, end.work().lane(), name);
        }
    }

    /** Unless a command that still waits in the lane, or is at work there, wants it. */
    static void free(Handle transaction, long lane, String name) {
        if (!isWanted(transaction, lane, name)) {
            transaction.createUpdate("delete from names where name = :name and lane = :lane").bind("name", name)
                    .bind("lane", lane).execute();
        }
    }

    private static boolean isWanted(Handle transaction, long lane, String name) {
        return transaction.createQuery("""
                select c.child, coalesce(c.body, whole.body) as command from commands c
                left join commands whole on c.child > 0 and whole.id = c.id and whole.child = 0
                where c.lane = :lane""").bind("lane", lane).map((row, _) -> Json
                .read(row.getString("command"), Command.class).newName(row.getInt("child")).map(ContainerName::value))
                .stream().anyMatch(Optional.of(name)::equals);
    }

    /** A new container has none of the names that one before it had, or was to have. */
    private static void freeOthers(Handle transaction, List<Completion> ends) {
        Map<Long, String> made = new TreeMap<>();
        ends.stream().filter(end -> end.work().command() instanceof Command.Create)
                .forEach(end -> end.seen().ifPresent(seen -> made.put(end.work().lane(), seen.name())));
        if (made.isEmpty()) {
            return;
        }
        record Name(long lane, String name) {}
        transaction.createQuery("select lane, name from names where lane = any(:lanes)")
                .bindArray("lanes", Long.class, made.keySet())
                .map((row, _) -> new Name(row.getLong(1), row.getString(2))).list().stream()
                .filter(one -> !one.name().equals(made.get(one.lane())))
                .forEach(one -> free(transaction, one.lane(), one.name()));
    }

    private static List<Completion> inTurn(List<Completion> ends) {
        return ends.stream().sorted(
                Comparator.<Completion>comparingLong(end -> end.work().lane())
                        .thenComparingLong(end -> end.work().seq()))
                .toList();
    }

    private static void hold(Handle transaction, List<Completion> ends, Map<Long, String> containers) {
        PreparedBatch hold = transaction.prepareBatch("""
                update lanes set container_id = :container, image = coalesce(:image, image),
                    had_container = had_container or cast(:container as text) is not null,
                    spec = coalesce(cast(:spec as text), spec)
                where lane = :lane and (container_id is distinct from :container
                    or image is distinct from coalesce(:image, image) or cast(:spec as text) is not null)""");
        for (Completion end : ends) {
            hold.bind("lane", end.work().lane()).bind("container", containers.get(end.work().lane()))
                    .bind("image", end.seen().map(ContainerRows::normalImage).orElse(null))
                    .bind("spec", end.spec().map(Json::write).orElse(null)).add();
        }
        if (hold.size() > 0) {
            hold.execute();
        }
    }

    /** Ends the lanes of containers that are no more. One that has work keeps its turn, and its host says what became of it. */
    static void forget(Handle transaction, List<ContainerId> gone) {
        Set<Long> lanes = lock(transaction, "container_id = any(:gone)", "gone", String.class,
                gone.stream().map(ContainerId::value).toList()).keySet();
        Set<Long> working = working(transaction, lanes);
        delete(transaction, lanes.stream().filter(lane -> !working.contains(lane)).toList());
    }

    /** @return the container of each lane that there is; null where it has none */
    private static <T> Map<Long, String> lock(Handle transaction, String which, String name, Class<T> type,
            Collection<T> values) {
        Map<Long, String> containers = new TreeMap<>();
        transaction.createQuery("select lane, container_id from lanes where " + which + " order by lane for update")
                .bindArray(name, type, values)
                .map((row, _) -> containers.put(row.getLong(1), row.getString(2))).list();
        return containers;
    }

    /** A statement of its own: one that had to wait for the lock would still see what was before. */
    private static Set<Long> working(Handle transaction, Collection<Long> lanes) {
        return transaction.createQuery("""
                select l.lane from unnest(:lanes) l(lane)
                cross join lateral (select from commands c where c.lane = l.lane limit 1) open""")
                .bindArray("lanes", Long.class, lanes).mapTo(Long.class).set();
    }

    private static void delete(Handle transaction, Collection<Long> lanes) {
        if (!lanes.isEmpty()) {
            transaction.createUpdate("delete from lanes where lane = any(:lanes)")
                    .bindArray("lanes", Long.class, lanes).execute();
        }
    }
}
