package io.dockworker.kafka;

import java.util.List;
import java.util.OptionalLong;

/**
 * Publishes batches, each together with a number that counts what has been published, or nothing of it.
 *
 * <p>After any exception the publisher is useless and is to be closed; a new one finds out what was committed.
 */
public interface NumberedPublisher extends AutoCloseable {
    /** What became of a batch. */
    sealed interface Published {
        record Committed() implements Published {}

        /**
         * The broker refuses one record as such, whoever sends it; nothing of the batch is published.
         *
         * @param index of the record in the batch
         */
        record Refused(int index, String reason) implements Published {}
    }

    /** The last number committed; empty if none ever was. Waits for transactions that are being resolved. */
    OptionalLong committed();

    /**
     * Publishes all records and the number, or nothing.
     *
     * @throws RuntimeException if it is not known, or not so
     */
    Published publish(List<OutboundRecord> records, long number);

    @Override
    void close();
}
