package io.dockworker.wire;

import io.dockworker.command.HostId;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A record that is no command, and why.
 *
 * @param key     as it came, null for none
 * @param value   as it came, null for none
 * @param headers as they came
 * @param topic   where it stood, prefix included
 * @param code    one of {@link DeadLetterCode}
 * @param host    of the worker that read it
 */
@SuppressWarnings("ArrayRecordComponent")
public record DeadLetter(byte[] key, byte[] value, List<OutboundMessage.Header> headers, String topic, int partition,
        long offset, String code, String message, HostId host) {
    private static final int MAX_MESSAGE = 1_000;
    /** Bytes of key and headers that stay in a reduced letter. */
    private static final int MAX_KEPT = 64 << 10;
    private static final OutboundMessage.Header REDUCED = OutboundMessage.Header.of("dockworker_reduced", "true");

    public DeadLetter {
        headers = List.copyOf(headers);
    }

    /** The original bytes and headers, and ours behind them. */
    public OutboundMessage encode() {
        return message(key, value, headers, List.of());
    }

    /**
     * The same without the value, for when the broker refuses the whole, and without key and headers where these are
     * large themselves. The original stands where it stood.
     */
    public OutboundMessage encodeReduced() {
        long size = headers.stream().mapToLong(DeadLetter::size).sum() + (key == null ? 0 : key.length);
        boolean large = size > MAX_KEPT;
        return message(large ? null : key, null, large ? List.of() : headers, List.of(REDUCED));
    }

    private static long size(OutboundMessage.Header header) {
        return (long) header.name().length() + (header.value() == null ? 0 : header.value().length);
    }

    private OutboundMessage message(byte[] keptKey, byte[] keptValue, List<OutboundMessage.Header> kept,
            List<OutboundMessage.Header> more) {
        List<OutboundMessage.Header> ours = new ArrayList<>(List.of(
                OutboundMessage.Header.of("__dlq.errors.topic", topic),
                OutboundMessage.Header.of("__dlq.errors.partition", Integer.toString(partition)),
                OutboundMessage.Header.of("__dlq.errors.offset", Long.toString(offset)),
                OutboundMessage.Header.of("__dlq.errors.message", Text.shown(message, MAX_MESSAGE)),
                OutboundMessage.Header.of("dockworker_error_code", code),
                OutboundMessage.Header.of("dockworker_host", host.value())));
        ours.addAll(more);
        // A dead letter that was sent again and failed again says where it failed last.
        Set<String> names = Stream.concat(ours.stream(), Stream.of(REDUCED)).map(OutboundMessage.Header::name)
                .collect(Collectors.toSet());
        List<OutboundMessage.Header> all = new ArrayList<>(
                kept.stream().filter(header -> !names.contains(header.name())).toList());
        all.addAll(ours);
        return new OutboundMessage("commands.dlq", keptKey, keptValue, all);
    }
}
