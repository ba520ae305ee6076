package io.dockworker.relay;

import io.dockworker.command.HostId;
import io.dockworker.journal.OutboxMessage;
import io.dockworker.journal.Source;
import io.dockworker.kafka.OutboundRecord;
import io.dockworker.kafka.RawRecord;
import io.dockworker.wire.DeadLetter;
import io.dockworker.wire.EventEncoder;
import io.dockworker.wire.OutboundMessage;
import io.dockworker.wire.ResultEncoder;
import io.dockworker.wire.StateEncoder;

/** Turns rows of the outbox into records, whole or reduced. */
final class OutboxEncoder {
    private final String prefix;
    private final HostId self;
    private final ResultEncoder results;
    private final EventEncoder events = new EventEncoder();
    private final StateEncoder states = new StateEncoder();

    OutboxEncoder(String prefix, HostId self) {
        this.prefix = prefix;
        this.self = self;
        this.results = new ResultEncoder(self);
    }

    OutboundRecord encode(OutboxMessage message, boolean reduced) {
        OutboundMessage out = switch (message) {
            case OutboxMessage.Result(byte[] key, var result) -> reduced
                    ? results.encodeReduced(key, result)
                    : results.encode(key, result);
            case OutboxMessage.Event(var event) -> reduced ? events.encodeReduced(event) : events.encode(event);
            case OutboxMessage.State(var host, var container, var at) -> reduced
                    ? states.encodeReduced(host, container, at)
                    : states.encode(host, container, at);
            case OutboxMessage.Forgotten(var host, var container, var at) -> states.gone(host, container, at);
            case OutboxMessage.DeadLetter letter -> reduced
                    ? deadLetter(letter).encodeReduced()
                    : deadLetter(letter).encode();
        };
        return new OutboundRecord(prefix + out.topic(), out.key(), out.value(), out.headers().stream()
                .map(header -> new RawRecord.Header(header.name(), header.value())).toList());
    }

    private DeadLetter deadLetter(OutboxMessage.DeadLetter letter) {
        Source source = letter.source();
        return new DeadLetter(source.key(), source.value(),
                source.headers().stream().map(header -> new OutboundMessage.Header(header.name(), header.value()))
                        .toList(),
                source.topic(), source.partition(), source.offset(), letter.code(), letter.message(), self);
    }
}
