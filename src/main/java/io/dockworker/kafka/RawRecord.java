package io.dockworker.kafka;

import java.util.List;
import java.util.OptionalInt;

/**
 * A record as the broker delivered it. Arrays are not copied; nobody may change them.
 *
 * @param key   null where it has none
 * @param value null where it has none
 */
@SuppressWarnings("ArrayRecordComponent")
public record RawRecord(long offset, OptionalInt leaderEpoch, byte[] key, byte[] value, List<Header> headers) {
    /** One header; names may repeat. */
    public record Header(String name, byte[] value) {}
}
