package io.dockworker.postgres;

import java.sql.SQLException;
import java.util.Set;

/** What a failed transaction means for the same work: whether to wait, to ask for less, or to give it up. */
public enum Fault {
    /** The server is away, starting, stopping or full, or the transaction lost against another: it passes by itself. */
    AWAY,
    /** The transaction wants more of the server's memory than there is. A smaller one may pass, and later this one too. */
    TOO_MUCH,
    /**
     * Of the moment or of the installation, such as a plan that no longer fits a changed table, a missing right, a broken
     * page: nothing that another content would mend.
     */
    AILING,
    /** The content is refused, or our own code cannot deal with it: the same work will fail again. */
    CONTENT;

    private static final String OUT_OF_MEMORY = "53200";
    /** Connection; full; stopped or started by the operator. */
    private static final Set<String> AWAY_CLASSES = Set.of("08", "53");
    private static final String OPERATOR = "57P0";
    /** Serialization failure, completion unknown, deadlock, lock timeout, cancelled, I/O error; a standby. */
    private static final Set<String> AWAY_STATES = Set.of("40001", "40003", "40P01", "55P03", "57014", "58030",
            "25006");
    /** Data that cannot be stored, a constraint, a limit of what PostgreSQL can hold. */
    private static final Set<String> CONTENT_CLASSES = Set.of("22", "23", "54");

    /** The first SQL state among the causes decides (PostgreSQL manual, appendix A). */
    public static Fault of(Throwable failure) {
        Fault withoutState = CONTENT;
        for (Throwable each = failure; each != null; each = each.getCause()) {
            if (each instanceof SQLException sql) {
                if (sql.getSQLState() != null) {
                    return ofState(sql.getSQLState());
                }
                // The pool's own, or the driver's: it never got as far as the server's answer.
                withoutState = AWAY;
            }
        }
        return withoutState;
    }

    private static Fault ofState(String state) {
        if (state.equals(OUT_OF_MEMORY)) {
            return TOO_MUCH;
        }
        String category = state.substring(0, Math.min(2, state.length()));
        if (CONTENT_CLASSES.contains(category)) {
            return CONTENT;
        }
        return AWAY_CLASSES.contains(category) || state.startsWith(OPERATOR) || AWAY_STATES.contains(state)
                ? AWAY
                : AILING;
    }
}
