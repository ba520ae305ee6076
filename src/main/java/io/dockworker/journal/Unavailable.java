package io.dockworker.journal;

import io.dockworker.postgres.Fault;

/** The database is away, or asks to try again. Whether the transaction was committed is not known. */
public final class Unavailable extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final Fault fault;

    Unavailable(Fault fault, Throwable cause) {
        super("PostgreSQL: " + words(cause), cause);
        this.fault = fault;
    }

    /** A smaller transaction may succeed where this one cannot. */
    public boolean asksForLess() {
        return fault == Fault.TOO_MUCH;
    }

    /** The deepest there are, which are the driver's own: what wraps them repeats the statement. */
    private static String words(Throwable fault) {
        String words = fault.getMessage();
        for (Throwable each = fault; each != null; each = each.getCause()) {
            words = each.getMessage() == null ? words : each.getMessage();
        }
        return words;
    }
}
