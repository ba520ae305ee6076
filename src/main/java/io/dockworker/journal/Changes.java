package io.dockworker.journal;

import io.dockworker.command.CommandResult;
import io.dockworker.command.ContainerEvent;
import io.dockworker.command.ContainerId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/** Results, events and states in the order in which they became visible, to be read on from any position. */
public final class Changes {
    private final Store store;

    public Changes(Jdbi jdbi) {
        this.store = new Store(jdbi);
    }

    /** A place between two changes: those up to it have been read. It outlives the worker and is valid on each. */
    public record Position(long transaction, long number) implements Comparable<Position> {
        /** Before all changes. */
        public static final Position START = new Position(0, 0);
        private static final Pattern SHAPE = Pattern.compile("([0-9]{1,18})-([0-9]{1,18})");

        /** Reads what {@link #toString} wrote. */
        public static Optional<Position> parse(String text) {
            Matcher shape = SHAPE.matcher(text);
            return shape.matches()
                    ? Optional.of(new Position(Long.parseLong(shape.group(1)), Long.parseLong(shape.group(2))))
                    : Optional.empty();
        }

        @Override
        public int compareTo(Position other) {
            int order = Long.compare(transaction, other.transaction);
            return order != 0 ? order : Long.compare(number, other.number);
        }

        @Override
        public String toString() {
            return transaction + "-" + number;
        }
    }

    /** Something that has changed. */
    public sealed interface Change {
        /** @param whole the result as it was published */
        record Ended(CommandResult whole) implements Change {}

        record Happened(ContainerEvent event) implements Change {}

        /** @param container as it is now, which may be later than the change */
        record Seen(ManagedContainer container) implements Change {}

        record Gone(ContainerId container) implements Change {}
    }

    /** A change and the position behind it. */
    public record Placed(Position position, Change change) {}

    /**
     * Some changes in order.
     *
     * @param missed changes between the position asked for and the first of these are forgotten, or the position belongs
     *               to another database
     * @param next   where to read on; behind changes that are of no interest any more, too
     */
    public record Page(boolean missed, List<Placed> changes, Position next) {
        public Page {
            changes = List.copyOf(changes);
        }
    }

    /** The position behind everything that can be read now. */
    public Position end() {
        return store.read(Changes::end);
    }

    private static Position end(Handle handle) {
        return handle.createQuery("""
                select xact::text::bigint, seq from changes where xact < pg_snapshot_xmin(pg_current_snapshot())
                order by xact desc, seq desc limit 1""").map((row, _) -> position(row)).findOne()
                .or(() -> forgotten(handle)).orElse(Position.START);
    }

    /** The last change that is forgotten. */
    private static Optional<Position> forgotten(Handle handle) {
        return handle.createQuery("select xact::text::bigint, seq from changes_forgotten")
                .map((row, _) -> position(row)).findOne();
    }

    /** @param limit how many changes are read at most */
    public Page after(Position position, int limit) {
        return store.read(handle -> after(handle, position, limit));
    }

    private static Page after(Handle handle, Position position, int limit) {
        if (isForeign(handle, position)) {
            return new Page(true, List.of(), end(handle));
        }
        List<Row> rows = handle.createQuery("""
                select xact::text::bigint as xact, seq, kind, reference from changes
                where (xact, seq) > (cast(:xact as xid8), :seq) and xact < pg_snapshot_xmin(pg_current_snapshot())
                order by xact, seq limit :limit""").bind("xact", Long.toString(position.transaction()))
                .bind("seq", position.number()).bind("limit", limit)
                .map((row, _) -> new Row(position(row), Kind.valueOf(row.getString("kind")),
                        row.getString("reference")))
                .list();
        // Looked at after the rows: what was forgotten meanwhile is noticed.
        Optional<Position> missed = forgotten(handle).filter(gone -> position.compareTo(gone) < 0);
        return new Page(missed.isPresent(), resolve(handle, rows),
                rows.isEmpty() ? missed.orElse(position) : rows.getLast().position());
    }

    /** After a restore from a dump, transactions are counted anew. */
    private static boolean isForeign(Handle handle, Position position) {
        return handle.createQuery("select cast(:xact as xid8) >= pg_snapshot_xmax(pg_current_snapshot())")
                .bind("xact", Long.toString(position.transaction())).mapTo(Boolean.class).one();
    }

    private enum Kind {
        RESULT, EVENT, STATE, GONE
    }

    private record Row(Position position, Kind kind, String reference) {}

    private static Position position(ResultSet row) throws SQLException {
        return new Position(row.getLong(1), row.getLong(2));
    }

    private static List<Placed> resolve(Handle handle, List<Row> rows) {
        Map<String, CommandResult> results = byKey(CommandViews.results(handle, references(rows, Kind.RESULT)),
                result -> result.commandId().value());
        Map<String, ContainerEvent> events = byKey(EventRows.byId(handle, references(rows, Kind.EVENT)),
                ContainerEvent::eventId);
        Map<String, ManagedContainer> containers = byKey(
                ContainerRows.byId(handle, references(rows, Kind.STATE)),
                managed -> managed.container().id().value());
        var placed = new ArrayList<Placed>();
        for (Row row : rows) {
            Optional<? extends Change> change = switch (row.kind()) {
                case RESULT -> Optional.ofNullable(results.get(row.reference())).map(Change.Ended::new);
                case EVENT -> Optional.ofNullable(events.get(row.reference())).map(Change.Happened::new);
                // One that has gone since has a change of its own for that.
                case STATE -> Optional.ofNullable(containers.get(row.reference())).map(Change.Seen::new);
                case GONE -> Optional.of(new Change.Gone(new ContainerId(row.reference())));
            };
            change.ifPresent(known -> placed.add(new Placed(row.position(), known)));
        }
        return placed;
    }

    private static List<String> references(List<Row> rows, Kind kind) {
        return rows.stream().filter(row -> row.kind() == kind).map(Row::reference).distinct().toList();
    }

    private static <T> Map<String, T> byKey(List<T> values, Function<T, String> key) {
        return values.stream().collect(Collectors.toMap(key, Function.identity()));
    }

    /** Notes the changes that a transaction publishes. */
    static void append(Handle transaction, List<OutboxMessage> messages) {
        var kinds = new ArrayList<String>();
        var references = new ArrayList<String>();
        Map<Kind, Set<String>> noted = new HashMap<>();
        for (OutboxMessage message : messages) {
            Optional<Map.Entry<Kind, String>> change = switch (message) {
                case OutboxMessage.Result(byte[] _, var result) ->
                    Optional.of(Map.entry(Kind.RESULT, result.commandId().value()));
                case OutboxMessage.Event(var event) -> Optional.of(Map.entry(Kind.EVENT, event.eventId()));
                case OutboxMessage.State(var _, var container, var _) ->
                    Optional.of(Map.entry(Kind.STATE, container.id().value()));
                case OutboxMessage.Forgotten(var _, var id, var _) -> Optional.of(Map.entry(Kind.GONE, id.value()));
                case OutboxMessage.DeadLetter _ -> Optional.empty();
            };
            change.filter(one -> noted.computeIfAbsent(one.getKey(), _ -> new HashSet<>()).add(one.getValue()))
                    .ifPresent(one -> {
                        kinds.add(one.getKey().name());
                        references.add(one.getValue());
                    });
        }
        if (!kinds.isEmpty()) {
            transaction.createUpdate("""
                    insert into changes (kind, reference)
                    select kind, reference from unnest(:kinds, :references) c(kind, reference)""")
                    .bindArray("kinds", String.class, kinds).bindArray("references", String.class, references)
                    .execute();
        }
    }

    /**
     * Forgets what is too old, and what a restored dump has brought along.
     *
     * @return how many rows
     */
    static int forget(Handle transaction, long ageSeconds, int limit) {
        return transaction.createQuery("""
                with gone as (
                    delete from changes where (xact, seq) in (
                        select xact, seq from changes
                        where at < clock_timestamp() - :age * interval '1 second' order by at limit :limit
                        for update skip locked)
                    returning xact, seq),
                last as (
                    insert into changes_forgotten (xact, seq)
                    select xact, seq from gone where xact < pg_snapshot_xmax(pg_current_snapshot())
                    order by xact desc, seq desc limit 1
                    on conflict (only_one) do update set xact = excluded.xact, seq = excluded.seq
                    where (changes_forgotten.xact, changes_forgotten.seq) < (excluded.xact, excluded.seq))
                select count(*) from gone""").bind("age", ageSeconds).bind("limit", limit)
                .mapTo(Integer.class).one();
    }
}
