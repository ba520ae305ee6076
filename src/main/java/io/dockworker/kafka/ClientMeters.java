package io.dockworker.kafka;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.kafka.KafkaClientMetrics;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.core.instrument.config.MeterFilterReply;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.producer.Producer;

/**
 * The meters of Kafka's clients, of which a worker shows few: its three clients have some four hundred, and most of them
 * only tell what others tell already.
 */
public final class ClientMeters implements AutoCloseable {
    private static final String PREFIX = "kafka.";
    private static final Set<String> SHOWN = Set.of("kafka.consumer.fetch.manager.records.lag",
            "kafka.consumer.fetch.manager.records.consumed.total", "kafka.consumer.fetch.manager.bytes.consumed.total",
            "kafka.consumer.fetch.manager.fetch.latency.avg", "kafka.consumer.coordinator.rebalance.total",
            "kafka.consumer.coordinator.assigned.partitions", "kafka.consumer.connection.count",
            "kafka.producer.record.send.total", "kafka.producer.record.error.total",
            "kafka.producer.record.retry.total", "kafka.producer.request.latency.avg",
            "kafka.producer.connection.count");
    /** The lag of a partition is a meter of its own, which appears when the partition is assigned. */
    private static final Duration LOOK_FOR_NEW = Duration.ofSeconds(5);

    private final ScheduledExecutorService looking;
    private final KafkaClientMetrics metrics;

    private ClientMeters(ScheduledExecutorService looking, KafkaClientMetrics metrics, MeterRegistry meters) {
        this.looking = looking;
        this.metrics = metrics;
        metrics.bindTo(meters);
    }

    static ClientMeters of(Consumer<?, ?> consumer, MeterRegistry meters) {
        ScheduledExecutorService looking = thread();
        return new ClientMeters(looking, new KafkaClientMetrics(consumer, List.of(), looking, LOOK_FOR_NEW), meters);
    }

    static ClientMeters of(Producer<?, ?> producer, MeterRegistry meters) {
        ScheduledExecutorService looking = thread();
        return new ClientMeters(looking, new KafkaClientMetrics(producer, List.of(), looking, LOOK_FOR_NEW), meters);
    }

    /**
     * To be given to a registry before any client is made; without it, all meters of the clients are shown. The tags stay
     * as they are: the binder takes a meter with fewer than it gave for one that it may replace by the next.
     *
     * @param topicPrefix begins every topic's name; the clients tell a topic again under its name without dots
     */
    public static MeterFilter few(String topicPrefix) {
        return new MeterFilter() {
            @Override
            public MeterFilterReply accept(Meter.Id id) {
                String topic = id.getTag("topic");
                boolean isShown = SHOWN.contains(id.getName()) && (topic == null || topic.startsWith(topicPrefix));
                return !id.getName().startsWith(PREFIX) || isShown
                        ? MeterFilterReply.NEUTRAL
                        : MeterFilterReply.DENY;
            }
        };
    }

    private static ScheduledExecutorService thread() {
        return Executors.newSingleThreadScheduledExecutor(Thread.ofPlatform().daemon().name("kafka-meters").factory());
    }

    @Override
    public void close() {
        metrics.close();
        looking.shutdownNow();
    }
}
