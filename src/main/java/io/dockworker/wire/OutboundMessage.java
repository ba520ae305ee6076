package io.dockworker.wire;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/**
 * A record to be published. Arrays are not copied; nobody may change them.
 *
 * @param topic   without the prefix, as in {@code results}
 * @param key     null for none
 * @param value   null for a tombstone
 * @param headers in order; a name may repeat
 */
@SuppressWarnings("ArrayRecordComponent")
public record OutboundMessage(String topic, byte[] key, byte[] value, List<Header> headers) {
    /**
     * One header.
     *
     * @param value may be null, as Kafka allows it
     */
    public record Header(String name, byte[] value) {
        public static Header of(String name, String value) {
            return new Header(name, value.getBytes(StandardCharsets.UTF_8));
        }
    }

    public OutboundMessage {
        headers = List.copyOf(headers);
    }

    /** The last header of this name, as text. */
    public Optional<String> header(String name) {
        return headers.stream().filter(header -> header.name().equals(name) && header.value() != null)
                .map(header -> new String(header.value(), StandardCharsets.UTF_8)).reduce((_, last) -> last);
    }
}
