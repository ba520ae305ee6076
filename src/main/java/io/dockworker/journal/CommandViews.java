package io.dockworker.journal;

import io.dockworker.command.CommandId;
import io.dockworker.command.CommandResult;
import io.dockworker.command.HostId;
import io.dockworker.command.Outcome;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/** Commands as others see them: accepted, executing, or ended with the result that is published. */
public final class CommandViews {
    /**
     * A whole command with what only its parts know where it has some: how often one began, and the host if all were on
     * the same.
     */
    private static final String WHOLE = """
            select c.*, part.parts, part.begun, part.attempts as part_attempts, part.host as part_host
            from commands c left join lateral (
                select count(*) as parts, bool_or(p.state <> 'queued') as begun, max(p.attempts) as attempts,
                    case when count(distinct p.host) = 1 then min(p.host) end as host
                from commands p where p.id = c.id and p.child > 0) part on c.state = 'parent' or c.lane is null""";

    private final Store store;

    public CommandViews(Jdbi jdbi) {
        this.store = new Store(jdbi);
    }

    /** How far a command has come. */
    public enum Progress {
        ACCEPTED, EXECUTING, ENDED
    }

    /**
     * One command.
     *
     * @param contentHash of what it asks for, to compare
     * @param startedAt   when execution first began
     * @param result      there once it has ended
     */
    @SuppressWarnings("ArrayRecordComponent")
    public record View(CommandId id, String type, Progress progress, byte[] contentHash, Optional<HostId> host,
            Instant receivedAt, Optional<Instant> startedAt, Optional<CommandResult> result) {}

    /** A command's place in the order of acceptance; ids tell apart those of one moment. */
    public record Place(Instant receivedAt, String id) {}

    public Optional<View> find(CommandId id) {
        return store.read(handle -> handle.createQuery(WHOLE + " where c.child = 0 and c.id = :id")
                .bind("id", id.value()).map((row, _) -> view(row)).findOne());
    }

    /** Of these, the ones that have ended. */
    public List<View> ended(Collection<CommandId> ids) {
        return store.read(handle -> handle
                .createQuery(WHOLE + " where c.child = 0 and c.state = 'done' and c.id = any(:ids)")
                .bindArray("ids", String.class, ids.stream().map(CommandId::value).toList())
                .map((row, _) -> view(row)).list());
    }

    /**
     * Those accepted before a place, the latest first.
     *
     * @param status a status of results, or how far the command has come
     */
    public List<View> page(Optional<Outcome.Status> status, Optional<Progress> progress, Optional<Place> before,
            int limit) {
        var where = new Conditions().add("c.child = 0");
        status.ifPresent(word -> where.add("c.state = 'done' and c.status = :status", "status", word.toString()));
        progress.ifPresent(stage -> where.add(switch (stage) {
            case ACCEPTED -> "(c.state = 'queued' or c.state = 'parent' and not part.begun)";
            case EXECUTING -> "(c.state = 'executing' or c.state = 'parent' and part.begun)";
            case ENDED -> "c.state = 'done'";
        }));
        before.ifPresent(place -> where.add("(c.received_at, c.id) < (:at, :id)", "at", place.receivedAt(), "id",
                place.id()));
        return store.read(handle -> handle
                .createQuery(WHOLE + where + " order by c.received_at desc, c.id desc limit :limit")
                .bindMap(where.values()).bind("limit", limit).map((row, _) -> view(row)).list());
    }

    static List<CommandResult> results(Handle handle, List<String> ids) {
        return handle.createQuery(WHOLE + " where c.child = 0 and c.state = 'done' and c.id = any(:ids)")
                .bindArray("ids", String.class, ids).map((row, _) -> result(row)).list();
    }

    private static View view(ResultSet row) throws SQLException {
        Progress progress = switch (row.getString("state")) {
            case "done" -> Progress.ENDED;
            case "executing" -> Progress.EXECUTING;
            case "parent" -> row.getBoolean("begun") ? Progress.EXECUTING : Progress.ACCEPTED;
            default -> Progress.ACCEPTED;
        };
        return new View(new CommandId(row.getString("id")), row.getString("type"), progress,
                row.getBytes("content_hash"), host(row), time(row, "received_at").orElseThrow(),
                time(row, "started_at"),
                progress == Progress.ENDED ? Optional.of(result(row)) : Optional.empty());
    }

    /** The same as when it was put into the outbox. */
    private static CommandResult result(ResultSet row) throws SQLException {
        String timings = row.getString("timings");
        return new CommandResult(new CommandId(row.getString("id")), row.getString("type"),
                Json.read(row.getString("outcome"), Outcome.class), host(row),
                row.getInt("parts") > 0 ? row.getInt("part_attempts") : row.getInt("attempts"),
                time(row, "received_at").orElseThrow(), time(row, "started_at"), time(row, "finished_at").orElseThrow(),
                timings == null ? Map.of() : Json.readDurations(timings),
                Optional.ofNullable(row.getString("correlation_id")),
                Optional.ofNullable(row.getString("traceparent")));
    }

    private static Optional<HostId> host(ResultSet row) throws SQLException {
        String own = row.getString("host");
        return Optional.ofNullable(own == null ? row.getString("part_host") : own).map(HostId::new);
    }

    private static Optional<Instant> time(ResultSet row, String column) throws SQLException {
        return Optional.ofNullable(row.getObject(column, OffsetDateTime.class)).map(OffsetDateTime::toInstant);
    }
}
