package io.dockworker.kafka;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Publishes single records: commands, with every replica's acknowledgement, and samples and heartbeats. */
public final class Publisher implements AutoCloseable {
    private final Properties own = new Properties();
    private final MeterRegistry meters;
    private KafkaProducer<byte[], byte[]> producer;
    private ClientMeters shown;

    /** One whose meters nobody reads. */
    public Publisher(Properties client, Duration patience) {
        this(client, patience, new SimpleMeterRegistry());
    }

    /**
     * Makes its client with the first record: while no address can be resolved, there can be none.
     *
     * @param patience how long a record may wait for the broker before it is given up
     */
    public Publisher(Properties client, Duration patience, MeterRegistry meters) {
        this.meters = meters;
        own.putAll(client);
        own.put(ProducerConfig.ACKS_CONFIG, "all");
        own.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, "true");
        own.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, String.valueOf(patience.toMillis()));
        own.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, String.valueOf(patience.toMillis() / 2));
        own.put(ProducerConfig.LINGER_MS_CONFIG, "0");
        own.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, String.valueOf(patience.toMillis()));
    }

    private synchronized KafkaProducer<byte[], byte[]> producer() {
        if (producer == null) {
            producer = new KafkaProducer<>(own, new ByteArraySerializer(), new ByteArraySerializer());
            shown = ClientMeters.of(producer, meters);
        }
        return producer;
    }

    /** The future ends when the broker has acknowledged the record, or exceptionally when that is given up. */
    public CompletableFuture<Void> publish(OutboundRecord record) {
        var outgoing = new ProducerRecord<>(record.topic(), record.key(), record.value());
        record.headers().forEach(header -> outgoing.headers().add(header.name(), header.value()));
        var done = new CompletableFuture<Void>();
        try {
            var _ = producer().send(outgoing, (_, fault) -> {
                if (fault == null) {
                    done.complete(null);
                } else {
                    done.completeExceptionally(fault);
                }
            });
        } catch (RuntimeException e) {
            done.completeExceptionally(e);
        }
        return done;
    }

    @Override
    public synchronized void close() {
        if (producer != null) {
            shown.close();
            producer.close(Duration.ofSeconds(3));
        }
    }
}
