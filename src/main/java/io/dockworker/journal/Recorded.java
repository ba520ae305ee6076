package io.dockworker.journal;

import java.time.Instant;

/** What became of a step that was to go on record. */
public sealed interface Recorded {
    /** @param startedAt when execution first began */
    record Begun(int attempt, Instant startedAt) implements Recorded {}

    /** The new intent, or the interruption, is on record. */
    record Noted() implements Recorded {}

    /** It had expired before it began. */
    record Expired() implements Recorded {}

    /** It is ended already: by a cancellation, or by an earlier commit of the same step. */
    record Over() implements Recorded {}

    /** @param more the lane has further work */
    record Ended(boolean more) implements Recorded {}
}
