package io.dockworker.journal;

import io.dockworker.postgres.Fault;
import java.util.function.Supplier;
import org.jdbi.v3.core.HandleCallback;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;

/**
 * The database as the journal sees it: every fault is either {@link Unavailable}, and the same work is done later, or one
 * of the content, which would fail again.
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
            throw sorted(e);
        }
    }

    private static RuntimeException sorted(JdbiException e) {
        for (Throwable each = e; each != null; each = each.getCause()) {
            // The driver wraps it, but it is this process that has no memory left.
            if (each instanceof Error own) {
                throw own;
            }
        }
        Fault fault = Fault.of(e);
        return fault == Fault.CONTENT ? e : new Unavailable(fault, e);
    }
}
