package io.dockworker;

import io.dockworker.command.HostId;
import io.dockworker.command.PullProgress;
import io.dockworker.kafka.OutboundRecord;
import io.dockworker.kafka.Publisher;
import io.dockworker.kafka.RawRecord;
import io.dockworker.wire.EventEncoder;
import io.dockworker.wire.OutboundMessage;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * Publishes how pulls go on, past the outbox: news of a moment, of which the next replaces the last. A broker that is
 * away costs those that come meanwhile, and never holds up a pull.
 */
final class PullTopic implements Consumer<PullProgress> {
    private final EventEncoder encoder = new EventEncoder();
    private final AtomicBoolean busy = new AtomicBoolean();
    private final Publisher publisher;
    private final String prefix;
    private final HostId host;
    private final InstantSource clock;

    PullTopic(Publisher publisher, String prefix, HostId host, InstantSource clock) {
        this.publisher = publisher;
        this.prefix = prefix;
        this.host = host;
        this.clock = clock;
    }

    @Override
    public void accept(PullProgress progress) {
        if (busy.compareAndSet(false, true)) {
            OutboundMessage message = encoder.encode(progress, host, clock.instant());
            // Sending may wait for the broker's word on where to.
            Thread.ofVirtual().name("pull progress").start(() -> {
                var _ = publisher.publish(record(message)).whenComplete((_, _) -> busy.set(false));
            });
        }
    }

    private OutboundRecord record(OutboundMessage message) {
        return new OutboundRecord(prefix + message.topic(), message.key(), message.value(), message.headers().stream()
                .map(header -> new RawRecord.Header(header.name(), header.value())).toList());
    }
}
