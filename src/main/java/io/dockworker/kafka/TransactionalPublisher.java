package io.dockworker.kafka;

import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsOptions;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsSpec;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.RecordBatchTooLargeException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Publishes batches, each in one transaction together with a number that counts what has been published. The number is
 * kept as the offset of a consumer group that no consumer ever joins; unlike a record of our own in a topic, it can be
 * read while another transaction hangs open.
 *
 * <p>After any exception the publisher is useless and is to be closed; a new one finds out what was committed.
 */
public final class TransactionalPublisher implements NumberedPublisher {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final KafkaProducer<byte[], byte[]> producer;
    private final Properties client;
    private final String group;
    private final TopicPartition counter;
    private final ClientMeters shown;

    /**
     * Shuts out every earlier publisher of the same id and ends what it left open.
     *
     * @param id           also the name of the group that keeps the number
     * @param counterTopic an existing topic; partition 0 of it names the group's offset
     */
    public TransactionalPublisher(Properties client, String id, String counterTopic, MeterRegistry meters) {
        this.client = client;
        this.group = id;
        this.counter = new TopicPartition(counterTopic, 0);
        Properties own = new Properties();
        own.putAll(client);
        own.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, id);
        own.put(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, "5000");
        if (!own.containsKey(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG)
                && !own.containsKey(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG)) {
            // What takes longer belongs to a transaction that the broker has given up; the client's own two minutes
            // would only hide that nothing gets through.
            own.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, "5000");
            own.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, String.valueOf(PATIENCE.toMillis()));
        }
        own.put(ProducerConfig.ACKS_CONFIG, "all");
        own.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, "true");
        own.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, String.valueOf(PATIENCE.toMillis()));
        own.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, String.valueOf(8 << 20));
        own.put(ProducerConfig.LINGER_MS_CONFIG, "0");
        producer = new KafkaProducer<>(own, new ByteArraySerializer(), new ByteArraySerializer());
        try {
            producer.initTransactions();
        } catch (RuntimeException e) {
            producer.close(Duration.ZERO);
            throw e;
        }
        shown = ClientMeters.of(producer, meters);
    }

    @Override
    public OptionalLong committed() {
        try (BriefAdmin brief = BriefAdmin.of(client)) {
            Map<TopicPartition, OffsetAndMetadata> offsets = brief.admin().listConsumerGroupOffsets(
                    Map.of(group, new ListConsumerGroupOffsetsSpec().topicPartitions(List.of(counter))),
                    new ListConsumerGroupOffsetsOptions().requireStable(true)).partitionsToOffsetAndMetadata(group)
                    .get();
            OffsetAndMetadata offset = offsets.get(counter);
            return offset == null ? OptionalLong.empty() : OptionalLong.of(offset.offset());
        } catch (ExecutionException e) {
            throw new KafkaException("cannot read the offset of " + group, e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new KafkaException(e);
        }
    }

    @Override
    public Published publish(List<OutboundRecord> records, long number) {
        return publish(records, () -> producer
                .sendOffsetsToTransaction(Map.of(counter, new OffsetAndMetadata(number)), groupMetadata()));
    }

    /**
     * Publishes all records, or nothing. The number stays.
     *
     * @throws KafkaException if it is not known, or not so; see the class on what to do then
     */
    Published publish(List<OutboundRecord> records) {
        return publish(records, () -> {});
    }

    private Published publish(List<OutboundRecord> records, Runnable beforeCommit) {
        producer.beginTransaction();
        // The first fault in time is the one at fault: the client then ends all that waits with the same exception.
        var refused = new AtomicReference<Published.Refused>();
        Optional<KafkaException> failed = Optional.empty();
        for (int i = 0; i < records.size() && failed.isEmpty(); i++) {
            int index = i;
            try {
                var _ = producer.send(outgoing(records.get(i)), (_, fault) -> {
                    if (isOfTheRecord(fault)) {
                        refused.compareAndSet(null, new Published.Refused(index, fault.getMessage()));
                    }
                });
            } catch (KafkaException e) {
                // An earlier record has failed the transaction while this one was being made.
                failed = Optional.of(e);
            }
        }
        producer.flush();
        if (refused.get() != null) {
            producer.abortTransaction();
            return refused.get();
        }
        if (failed.isPresent()) {
            throw failed.get();
        }
        beforeCommit.run();
        producer.commitTransaction();
        return new Published.Committed();
    }

    /** Another publisher of the same id has come: this one is out. */
    public static boolean isFenced(KafkaException e) {
        return e instanceof ProducerFencedException || e.getCause() instanceof ProducerFencedException;
    }

    /** The constructor is on its way out, but the only other source is a consumer, and this group never has one. */
    @SuppressWarnings("removal")
    private ConsumerGroupMetadata groupMetadata() {
        return new ConsumerGroupMetadata(group);
    }

    private static ProducerRecord<byte[], byte[]> outgoing(OutboundRecord record) {
        var outgoing = new ProducerRecord<>(record.topic(), record.key(), record.value());
        record.headers().forEach(header -> outgoing.headers().add(header.name(), header.value()));
        return outgoing;
    }

    private static boolean isOfTheRecord(Throwable fault) {
        return fault instanceof RecordTooLargeException || fault instanceof RecordBatchTooLargeException
                || fault instanceof InvalidTopicException;
    }

    @Override
    public void close() {
        shown.close();
        producer.close(Duration.ofSeconds(2));
    }
}
