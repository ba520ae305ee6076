package io.dockworker;

import io.dockworker.kafka.FencedPublisher;
import io.dockworker.kafka.OutboundRecord;
import io.dockworker.kafka.RawRecord;
import io.dockworker.wire.OutboundMessage;
import java.util.List;

/** What a worker publishes past the outbox: samples, its own beat, the progress of pulls. */
record Telemetry(FencedPublisher publisher, String prefix) {
    /** @throws RuntimeException if Kafka is away, or there is a successor */
    void publish(List<OutboundMessage> messages) throws InterruptedException {
        publisher.publish(messages.stream().map(message -> new OutboundRecord(prefix + message.topic(), message.key(),
                message.value(), message.headers().stream()
                        .map(header -> new RawRecord.Header(header.name(), header.value())).toList()))
                .toList());
    }
}
