package io.dockworker.kafka;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.dockworker.standalone.TestServices;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.OptionalInt;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

final class FencedPublisherIT {
    private static final String TOPIC = "fenced.health";

    private final Properties client = new Properties();

    FencedPublisherIT() {
        client.put("bootstrap.servers", TestServices.bootstrapServers());
    }

    /** As a process that was frozen: it learns of its successor only by what the broker says. */
    @Test
    void whoHasASuccessorPublishesNothingAndDoesNotShutItOut() throws Exception {
        new TopicAdmin(client, TopicCatalog.load("fenced."),
                OptionalInt.of(1)).ensure(true);
        var succeeded = new AtomicBoolean();
        Runnable right = () -> {
            if (succeeded.get()) {
                throw new IllegalStateException("there is a successor");
            }
        };
        try (FencedPublisher old = publisher(right); FencedPublisher successor = publisher(() -> {})) {
            old.publish(List.of(record("1"), record("x".repeat(9 << 20)), record("2")));
            succeeded.set(true);
            successor.publish(List.of(record("3")));
            assertThrows(RuntimeException.class, () -> old.publish(List.of(record("stale"))));
            assertThrows(IllegalStateException.class, () -> old.publish(List.of(record("stale"))));
            successor.publish(List.of(record("4")));
        }
        assertEquals(List.of("1", "2", "3", "4"), ReadCommitted.values(TestServices.bootstrapServers(), TOPIC));
    }

    private FencedPublisher publisher(Runnable right) {
        return new FencedPublisher(right,
                () -> new TransactionalPublisher(client, "fenced.telemetry.a", TOPIC, new SimpleMeterRegistry()));
    }

    private static OutboundRecord record(String value) {
        return new OutboundRecord(TOPIC, "key".getBytes(StandardCharsets.UTF_8), value.getBytes(StandardCharsets.UTF_8),
                List.of());
    }
}
