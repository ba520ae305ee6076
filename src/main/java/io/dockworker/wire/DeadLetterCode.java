package io.dockworker.wire;

/** Why a record is no command, as the header {@code dockworker_error_code} says it. */
public enum DeadLetterCode {
    NOT_JSON, NOT_A_COMMAND, TOO_LARGE, TOO_DEEP, DUPLICATE_KEY,
    /** The id is spent on a command with other content. */
    ID_REUSED,
    /** The database refused the record for its content. */
    REFUSED_BY_STORE
}
