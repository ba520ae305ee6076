package io.dockworker.journal;

import io.dockworker.command.CommandId;
import io.dockworker.command.CommandType;
import io.dockworker.command.ContainerEvent;
import io.dockworker.command.ContainerId;
import io.dockworker.command.ContainerSnapshot;
import io.dockworker.command.HostId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/** What is on record about containers that were looked at: how they were, what has been told, and which commands worked on them. */
public final class Observations {
    private final Store store;

    public Observations(Jdbi jdbi) {
        this.store = new Store(jdbi);
    }

    /**
     * An event on record.
     *
     * @param at to the microsecond
     */
    public record Told(ContainerEvent.Type type, Instant at) {}

    /**
     * The time in which a command worked on a container.
     *
     * @param until empty while it does
     * @param maker the container is in no lane, and bears this command's label
     */
    public record Execution(CommandId command, CommandType type, Instant from, Optional<Instant> until,
            boolean maker) {}

    /** What is on record about one container. */
    public record Past(Optional<ManagedContainer> row, List<Told> told, List<Execution> executions) {
        public static final Past NONE = new Past(Optional.empty(), List.of(), List.of());

        public Past {
            told = List.copyOf(told);
            executions = List.copyOf(executions);
        }

        /** A command is at work on it, and will tell what it did. */
        public boolean isBusy() {
            return executions.stream().anyMatch(execution -> execution.until().isEmpty());
        }
    }

    /**
     * Reads what is on record. To be asked after the engine was: a command that changed what the engine showed is then on
     * record as begun.
     *
     * @param makers the containers, each with the command that its label names
     * @param since  how far back events and ended commands are of interest
     */
    public Map<ContainerId, Past> of(HostId host, Map<ContainerId, Optional<CommandId>> makers, Instant since) {
        List<String> ids = makers.keySet().stream().map(ContainerId::value).toList();
        return store.read(handle -> {
            // First: of a command that ends meanwhile it is then known that it was at work, or else what it told.
            Map<String, List<Execution>> executions = executions(handle, ids, makers, since);
            Map<String, ManagedContainer> rows = new HashMap<>();
            handle.createQuery("""
                    select container_id, snapshot, seen_at from containers
                    where host = :host and container_id = any(:ids)""").bind("host", host.value())
                    .bindArray("ids", String.class, ids)
                    .map((row, _) -> rows.put(row.getString(1), new ManagedContainer(host,
                            Json.read(row.getString(2), ContainerSnapshot.class), time(row, 3))))
                    .list();
            Map<String, List<Told>> told = new HashMap<>();
            handle.createQuery("""
                    select container_id, type, at from events where container_id = any(:ids)
                    and (at >= :since or type in ('remove', 'vanished', 'oom'))""").bindArray("ids", String.class, ids)
                    .bind("since", since)
                    .map((row, _) -> told.computeIfAbsent(row.getString(1), _ -> new ArrayList<>()).add(new Told(
                            ContainerEvent.Type.valueOf(row.getString(2).toUpperCase(Locale.ROOT)), time(row, 3))))
                    .list();
            Map<ContainerId, Past> pasts = new HashMap<>();
            for (ContainerId id : makers.keySet()) {
                pasts.put(id, new Past(Optional.ofNullable(rows.get(id.value())),
                        told.getOrDefault(id.value(), List.of()), executions.getOrDefault(id.value(), List.of())));
            }
            return pasts;
        });
    }

    /** Those of the containers on whose lanes a command is at work. */
    public Set<String> busy(Collection<ContainerId> containers) {
        return store.read(handle -> handle.createQuery("""
                select l.container_id from lanes l join commands c on c.lane = l.lane and c.host = l.host
                where l.container_id = any(:ids) and c.state = 'executing'""")
                .bindArray("ids", String.class, containers.stream().map(ContainerId::value).toList())
                .mapTo(String.class).set());
    }

    private static Map<String, List<Execution>> executions(Handle handle, List<String> ids,
            Map<ContainerId, Optional<CommandId>> makers, Instant since) {
        Map<String, List<Execution>> executions = new HashMap<>();
        handle.createQuery("""
                select l.container_id, c.id, c.type, c.started_at, c.finished_at
                from lanes l join commands c on c.lane = l.lane and c.host = l.host
                where l.container_id = any(:ids) and c.state = 'executing'
                union all
                select container, id, type, started_at, finished_at from commands
                where container = any(:ids) and state = 'done' and finished_at >= :since
                    and started_at is not null""").bindArray("ids", String.class, ids).bind("since", since)
                .map((row, _) -> add(executions, row, false)).list();
        List<ContainerId> labelled = makers.keySet().stream().filter(id -> makers.get(id).isPresent()).toList();
        if (!labelled.isEmpty()) {
            // A container that is being made, or one that a replacement left behind; a command's parts share its id.
            handle.createQuery("""
                    select m.container, c.id, min(c.type), min(c.started_at),
                        case when bool_or(c.state = 'executing') then null else max(c.finished_at) end
                    from unnest(:ids, :commands) m(container, command) join commands c on c.id = m.command
                    where c.started_at is not null and c.state in ('executing', 'done')
                        and not exists (select 1 from lanes l where l.container_id = m.container)
                    group by m.container, c.id""")
                    .bindArray("ids", String.class, labelled.stream().map(ContainerId::value).toList())
                    .bindArray("commands", String.class,
                            labelled.stream().map(id -> makers.get(id).orElseThrow().value()).toList())
                    .map((row, _) -> add(executions, row, true)).list();
        }
        return executions;
    }

    private static boolean add(Map<String, List<Execution>> executions, ResultSet row, boolean maker)
            throws SQLException {
        Optional<Instant> until = row.getObject(5) == null ? Optional.empty() : Optional.of(time(row, 5));
        return executions.computeIfAbsent(row.getString(1), _ -> new ArrayList<>())
                .add(new Execution(new CommandId(row.getString(2)),
                        CommandType.parse(row.getString(3)).orElseThrow(), time(row, 4), until, maker));
    }

    private static Instant time(ResultSet row, int column) throws SQLException {
        return row.getObject(column, OffsetDateTime.class).toInstant();
    }
}
