package io.dockworker.kafka;

import java.util.List;

/**
 * A record to be published. Arrays are not copied; nobody may change them.
 *
 * @param topic the full name
 * @param value null for a tombstone
 */
@SuppressWarnings("ArrayRecordComponent")
public record OutboundRecord(String topic, byte[] key, byte[] value, List<RawRecord.Header> headers) {}
