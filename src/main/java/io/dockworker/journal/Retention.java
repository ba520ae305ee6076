package io.dockworker.journal;

import java.time.Duration;
import org.jdbi.v3.core.HandleCallback;
import org.jdbi.v3.core.Jdbi;

/** Keeps the tables bounded. Several workers may do this at once: each takes rows that the others have not locked. */
public final class Retention {
    private static final int ROWS_AT_ONCE = 5_000;
    /** How long a reader of the changes may be away without missing one. */
    private static final Duration CHANGES = Duration.ofDays(1);

    private final Store store;
    private final Fence fence;
    private final Duration commands;
    private final Duration events;

    /**
     * @param commands how long an id stays spent
     * @param events   how long the events table remembers
     */
    public Retention(Jdbi jdbi, Fence fence, Duration commands, Duration events) {
        this.store = new Store(jdbi);
        this.fence = fence;
        this.commands = commands;
        this.events = events;
    }

    /**
     * Deletes some of what is too old.
     *
     * @return true if there may be more
     * @throws Superseded if this worker no longer owns its host
     */
    public boolean runOnce() {
        int deleted = Math.max(
                delete("commands", "state = 'done' and finished_at < clock_timestamp() - :age * interval '1 second'",
                        commands),
                delete("cancellations", "at < clock_timestamp() - :age * interval '1 second'", commands));
        deleted = Math.max(deleted, delete("events", "at < clock_timestamp() - :age * interval '1 second'", events));
        deleted = Math.max(deleted, fenced(
                transaction -> Changes.forget(transaction, CHANGES.toSeconds(), ROWS_AT_ONCE)));
        return deleted == ROWS_AT_ONCE;
    }

    private int delete(String table, String old, Duration age) {
        return fenced(transaction -> transaction.createUpdate("""
                delete from %1$s where ctid = any(array(
                    select ctid from %1$s where %2$s limit :rows for update skip locked))""".formatted(table, old))
                .bind("age", age.toSeconds()).bind("rows", ROWS_AT_ONCE).execute());
    }

    private int fenced(HandleCallback<Integer, RuntimeException> deletion) {
        return store.inTransaction(transaction -> {
            int deleted = deletion.withHandle(transaction);
            fence.hold(transaction);
            return deleted;
        });
    }
}
