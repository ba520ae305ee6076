package io.dockworker.journal;

import java.util.List;

/**
 * A record as the broker delivered it, for dead letters and for the key of the result. Arrays are not copied; nobody
 * may change them.
 *
 * @param key   null where the record has none
 * @param value null where the record has none
 */
@SuppressWarnings("ArrayRecordComponent")
public record Source(String topic, int partition, long offset, byte[] key, byte[] value, List<Header> headers) {
    /** One header; names may repeat. */
    public record Header(String name, byte[] value) {}
}
