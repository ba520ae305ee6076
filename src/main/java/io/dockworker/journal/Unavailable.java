package io.dockworker.journal;

/** The database is away, or asks to try again. Whether the transaction was committed is not known. */
public final class Unavailable extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Unavailable(Throwable cause) {
        super("PostgreSQL: " + words(cause), cause);
    }

    /** The driver's own: what wraps it repeats the statement. */
    private static String words(Throwable fault) {
        return fault.getCause() == null ? fault.getMessage() : words(fault.getCause());
    }
}
