package io.dockworker.journal;

import java.sql.SQLException;
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
            for (Throwable cause = e; cause != null; cause = cause.getCause()) {
                if (cause instanceof SQLException sql && isPassing(sql)) {
                    throw new Unavailable(sql);
                }
            }
            throw e;
        }
    }

    /** Classes of SQLSTATE: 08 connection, 25 (read-only: a standby), 40 conflict, 53 resources, 57 shutdown, 58 system. */
    private static boolean isPassing(SQLException e) {
        String state = e.getSQLState();
        return state == null || state.matches("(08|25|40|53|57|58).*");
    }
}
