package io.dockworker.kafka;

import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** A producer that sends records as large as the topic takes, and says where each has come to stand. */
public final class Sender implements AutoCloseable {
    private final KafkaProducer<byte[], byte[]> producer;

    /** Where a record stands in its topic. */
    public record Place(int partition, long offset) {}

    public Sender(String servers) {
        producer = new KafkaProducer<>(Map.of("bootstrap.servers", servers, "acks", "all", "linger.ms", 0,
                "max.request.size", 4 << 20), new ByteArraySerializer(), new ByteArraySerializer());
    }

    public CompletableFuture<Place> send(OutboundRecord record) {
        return send(null, record);
    }

    /** Whatever partition its key would choose. */
    public CompletableFuture<Place> sendTo(int partition, OutboundRecord record) {
        return send(partition, record);
    }

    private CompletableFuture<Place> send(Integer partition, OutboundRecord record) {
        var outgoing = new ProducerRecord<>(record.topic(), partition, record.key(), record.value());
        record.headers().forEach(header -> outgoing.headers().add(header.name(), header.value()));
        var place = new CompletableFuture<Place>();
        var _ = producer.send(outgoing, (metadata, fault) -> {
            if (fault == null) {
                place.complete(new Place(metadata.partition(), metadata.offset()));
            } else {
                place.completeExceptionally(fault);
            }
        });
        return place;
    }

    @Override
    public void close() {
        producer.close();
    }
}
