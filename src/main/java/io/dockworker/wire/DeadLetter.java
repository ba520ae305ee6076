package io.dockworker.wire;

import io.dockworker.command.HostId;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

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

    public DeadLetter {
        headers = List.copyOf(headers);
    }

    /** The original bytes and headers, and ours behind them. */
    public OutboundMessage encode() {
        return message(value, List.of());
    }

    /** The same without the value, for when the broker refuses the whole. The original stands where it stood. */
    public OutboundMessage encodeReduced() {
        return message(null, List.of(OutboundMessage.Header.of("dockworker_reduced", "true")));
    }

    private OutboundMessage message(byte[] kept, List<OutboundMessage.Header> more) {
        List<OutboundMessage.Header> ours = new ArrayList<>(List.of(
                OutboundMessage.Header.of("__dlq.errors.topic", topic),
                OutboundMessage.Header.of("__dlq.errors.partition", Integer.toString(partition)),
                OutboundMessage.Header.of("__dlq.errors.offset", Long.toString(offset)),
                OutboundMessage.Header.of("__dlq.errors.message", Text.shown(message, MAX_MESSAGE)),
                OutboundMessage.Header.of("dockworker_error_code", code),
                OutboundMessage.Header.of("dockworker_host", host.value())));
        ours.addAll(more);
        // A dead letter that was sent again and failed again says where it failed last.
        Set<String> names = ours.stream().map(OutboundMessage.Header::name).collect(Collectors.toSet());
        List<OutboundMessage.Header> all = new ArrayList<>(
                headers.stream().filter(header -> !names.contains(header.name())).toList());
        all.addAll(ours);
        return new OutboundMessage("commands.dlq", key, kept, all);
    }
}
