package io.dockworker.journal;

/** The database is away, or asks to try again. Whether the transaction was committed is not known. */
public final class Unavailable extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Unavailable(Throwable cause) {
        super("PostgreSQL: " + cause.getMessage(), cause);
    }
}
