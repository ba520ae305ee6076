package io.dockworker.journal;

import io.dockworker.postgres.Database;
import java.util.function.Supplier;
import org.jdbi.v3.core.HandleCallback;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;

/**
 * The database as the journal sees it: every fault is either {@link Unavailable}, which passes, or a fault of ours or of
 * the content, which does not.
 */
final class Store {
    private final Jdbi jdbi;

    Store(Jdbi jdbi) {
        this.jdbi = jdbi;
    }

    <T> T inTransaction(HandleCallback<T, RuntimeException> work) {
        return sorted(() -> jdbi.inTransaction(work));
    }

    <T> T read(HandleCallback<T, RuntimeException> work) {
        return sorted(() -> jdbi.withHandle(work));
    }

    private static <T> T sorted(Supplier<T> work) {
        try {
            return work.get();
        } catch (JdbiException e) {
            if (Database.isTransient(e)) {
                throw new Unavailable(e);
            }
            throw e;
        }
    }
}
