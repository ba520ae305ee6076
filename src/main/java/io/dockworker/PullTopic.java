package io.dockworker;

import io.dockworker.command.HostId;
import io.dockworker.command.PullProgress;
import io.dockworker.wire.EventEncoder;
import io.dockworker.wire.OutboundMessage;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishes how pulls go on, past the outbox: news of a moment, of which the next replaces the last. A broker that is
 * away costs those that come meanwhile, and never holds up a pull.
 */
final class PullTopic implements Consumer<PullProgress> {
    private static final Logger LOG = LoggerFactory.getLogger(PullTopic.class);

    private final EventEncoder encoder = new EventEncoder();
    private final AtomicBoolean busy = new AtomicBoolean();
    private final Telemetry telemetry;
    private final HostId host;
    private final InstantSource clock;

    PullTopic(Telemetry telemetry, HostId host, InstantSource clock) {
        this.telemetry = telemetry;
        this.host = host;
        this.clock = clock;
    }

    @Override
    public void accept(PullProgress progress) {
        if (busy.compareAndSet(false, true)) {
            OutboundMessage message = encoder.encode(progress, host, clock.instant());
            Thread.ofVirtual().name("pull progress").start(() -> publish(message));
        }
    }

    private void publish(OutboundMessage message) {
        try {
            telemetry.publish(List.of(message));
        } catch (RuntimeException e) {
            // That Kafka is away is said by whoever needs it for its work.
            LOG.debug("the progress of a pull is not published", e);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } finally {
            busy.set(false);
        }
    }
}
