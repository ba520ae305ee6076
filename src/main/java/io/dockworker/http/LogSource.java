package io.dockworker.http;

import io.dockworker.command.HostId;
import io.dockworker.journal.ManagedContainer;
import java.io.InputStream;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalInt;

/** What containers have written to their standard output and error. */
public interface LogSource {
    /**
     * Which part of a log.
     *
     * @param tail       the last lines only
     * @param since      what was written from then on
     * @param timestamps each line begins with the time at which it was written
     * @param follow     goes on with what is written from now on, until the container ends
     */
    record Wish(OptionalInt tail, Optional<Instant> since, boolean timestamps, boolean follow) {}

    Opening open(ManagedContainer container, Wish wish);

    /** What became of an attempt to read. */
    sealed interface Opening {
        /**
         * @param bytes of both outputs, in the order in which they were written; to be closed. A thread that waits for
         *              more is freed by an interrupt.
         */
        record Opened(InputStream bytes) implements Opening {}

        /** Another worker's engine has it. */
        record OnHost(HostId host) implements Opening {}

        record Gone() implements Opening {}

        /** The engine does not keep this log, and says why. */
        record NotKept(String message) implements Opening {}

        record Away(String message) implements Opening {}
    }
}
