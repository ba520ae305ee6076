package io.dockworker.kafka;

import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.CloseOptions.GroupMembershipOperation;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.LogTruncationException;
import org.apache.kafka.clients.consumer.NoOffsetForPartitionException;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.FencedInstanceIdException;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Reads the commands topic as a member of the workers' group. The group only shares out the partitions; where to read
 * from is asked of a {@link Positions} at every assignment, and the offsets committed to Kafka only feed lag displays.
 * Not safe for use by several threads, but for {@link #wakeup()}.
 */
public final class CommandConsumer implements CommandSource, AutoCloseable {
    /** Another worker of this host has come, and taken this one's place in the group. */
    public static final class Fenced extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Fenced(Throwable cause) {
            super("another worker of this host reads the commands now", cause);
        }
    }

    private static final long TOPIC_CHECK_NANOS = Duration.ofSeconds(10).toNanos();

    private final String topic;
    private final Properties properties;
    private final KafkaConsumer<byte[], byte[]> consumer;
    private final Positions positions;
    private final ClientMeters shown;
    private final Set<TopicPartition> unplaced = new HashSet<>();
    private final Set<TopicPartition> truncated = new HashSet<>();
    private String topicId = "";
    private long topicCheckedAt = System.nanoTime();

    /**
     * @param member of the group, which keeps its partitions over a restart: whoever comes as the same member takes them
     *               at once, and shuts out the one before
     */
    public CommandConsumer(Properties client, String topic, String group, String member, Positions positions,
            MeterRegistry meters) {
        this.topic = topic;
        this.properties = client;
        this.positions = positions;
        Properties own = new Properties();
        own.putAll(client);
        own.put(ConsumerConfig.GROUP_ID_CONFIG, group);
        own.put(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG, member);
        own.put(ConsumerConfig.GROUP_PROTOCOL_CONFIG, "classic");
        own.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        own.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
        own.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, "false");
        own.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, "false");
        own.putIfAbsent(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, "500");
        own.putIfAbsent(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, "10000");
        own.putIfAbsent(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG, "3000");
        consumer = new KafkaConsumer<>(own, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        shown = ClientMeters.of(consumer, meters);
        consumer.subscribe(List.of(topic), new ConsumerRebalanceListener() {
            @Override
            public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
                unplaced.removeAll(partitions);
            }

            @Override
            public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
                // Asking PostgreSQL here would fail the whole assignment if it is away; the next poll asks.
                unplaced.addAll(partitions);
                consumer.pause(partitions);
            }
        });
    }

    /**
     * {@inheritDoc}
     *
     * @throws Fenced         if the same member has come anew; this one is of no more use
     * @throws KafkaException if the broker refuses or is away for long
     */
    @Override
    public List<PolledPartition> poll(Duration time, boolean paused) {
        if (paused) {
            consumer.pause(consumer.assignment());
        } else {
            place();
            Set<TopicPartition> reading = new HashSet<>(consumer.assignment());
            reading.removeAll(unplaced);
            consumer.resume(reading);
        }
        if (System.nanoTime() - topicCheckedAt > TOPIC_CHECK_NANOS) {
            checkTopic();
        }
        try {
            return sort(consumer.poll(time));
        } catch (FencedInstanceIdException e) {
            throw new Fenced(e);
        } catch (WakeupException _) {
            return List.of();
        } catch (OffsetOutOfRangeException | NoOffsetForPartitionException e) {
            // Out of range, which a truncated log is too. What we knew of these partitions is no longer so: ask again, which notices the gap.
            Set<TopicPartition> lost = switch (e) {
                case NoOffsetForPartitionException none -> none.partitions();
                case OffsetOutOfRangeException out -> {
                    // Merely out of range: the offsets themselves will say what is missing.
                    if (out instanceof LogTruncationException) {
                        truncated.addAll(out.partitions());
                    }
                    yield out.partitions();
                }
                default -> consumer.assignment();
            };
            unplaced.addAll(lost);
            consumer.pause(lost);
            return List.of();
        }
    }

    @Override
    public void reposition(int partition) {
        TopicPartition one = new TopicPartition(topic, partition);
        if (consumer.assignment().contains(one)) {
            unplaced.add(one);
            consumer.pause(Set.of(one));
        }
    }

    /**
     * {@inheritDoc}
     *
     * @throws Fenced if the same member has come anew, which an earlier telling may have found
     */
    @Override
    public void showPositions(Map<Integer, Long> nextOffsets) {
        Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
        nextOffsets.forEach((partition, offset) -> offsets.put(new TopicPartition(topic, partition),
                new OffsetAndMetadata(offset)));
        offsets.keySet().retainAll(consumer.assignment());
        try {
            consumer.commitAsync(offsets, (_, _) -> {});
        } catch (FencedInstanceIdException e) {
            throw new Fenced(e);
        }
    }

    /** Ends a poll that is under way in another thread. */
    public void wakeup() {
        consumer.wakeup();
    }

    /** Leaves the group, so that others need not wait for this member's return. */
    @Override
    public void close() {
        shown.close();
        consumer.close(CloseOptions.timeout(Duration.ofSeconds(3))
                .withGroupMembershipOperation(GroupMembershipOperation.LEAVE_GROUP));
    }

    /** A topic made anew under our feet may have grown past our position already, which no offset would tell. */
    private void checkTopic() {
        topicCheckedAt = System.nanoTime();
        if (!topicId.isEmpty() && !topicId.equals(currentTopicId())) {
            unplaced.addAll(consumer.assignment());
            consumer.pause(unplaced);
        }
    }

    private void place() {
        unplaced.retainAll(consumer.assignment());
        if (unplaced.isEmpty()) {
            return;
        }
        topicId = currentTopicId();
        Map<TopicPartition, Long> starts = consumer.beginningOffsets(unplaced);
        Map<TopicPartition, Long> ends = consumer.endOffsets(unplaced);
        for (TopicPartition one : Set.copyOf(unplaced)) {
            var log = new Positions.Log(one.partition(), topicId, starts.get(one), ends.get(one),
                    truncated.contains(one));
            switch (positions.start(log)) {
                case Positions.Start.NotYet _ -> {
                    continue;
                }
                case Positions.Start.Earliest _ -> consumer.seek(one, log.startOffset());
                case Positions.Start.At(long offset, OptionalInt leader) -> consumer.seek(one, new OffsetAndMetadata(
                        offset, leader.isPresent() ? Optional.of(leader.getAsInt()) : Optional.empty(), ""));
            }
            truncated.remove(one);
            unplaced.remove(one);
        }
    }

    /** A topic that was deleted and made anew under its name has another id, though its offsets may look familiar. */
    private String currentTopicId() {
        try (BriefAdmin brief = BriefAdmin.of(properties)) {
            return brief.admin().describeTopics(List.of(topic)).allTopicNames().get().get(topic).topicId().toString();
        } catch (ExecutionException e) {
            throw new KafkaException("cannot describe " + topic, e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new KafkaException(e);
        }
    }

    private List<PolledPartition> sort(ConsumerRecords<byte[], byte[]> records) {
        List<PolledPartition> polled = new ArrayList<>();
        records.nextOffsets().forEach((one, next) -> {
            List<RawRecord> taken = records.records(one).stream().map(Records::raw).toList();
            polled.add(
                    new PolledPartition(one.partition(), topicId, taken, next.offset(), epoch(taken, next.offset())));
        });
        return polled;
    }

    /**
     * Of the record right before the position. The client tells one for a poll without records, too, but not the right
     * one; and one that is older than the position's would make a whole log look cut off.
     */
    private static OptionalInt epoch(List<RawRecord> taken, long next) {
        return taken.isEmpty() || taken.getLast().offset() + 1 != next
                ? OptionalInt.empty()
                : taken.getLast().leaderEpoch();
    }
}
