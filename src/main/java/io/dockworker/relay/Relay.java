package io.dockworker.relay;

import io.dockworker.command.CommandType;
import io.dockworker.command.HostId;
import io.dockworker.journal.Outbox;
import io.dockworker.journal.Outbox.Numbered;
import io.dockworker.journal.OutboxMessage;
import io.dockworker.kafka.NumberedPublisher;
import io.dockworker.kafka.OutboundRecord;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishes the outbox of this host, in order and once. The number of the last published row is committed with the rows
 * in one Kafka transaction, so after any doubt it is the broker that knows how far we came.
 */
public final class Relay implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Relay.class);
    private static final int BATCH = 500;
    private static final Duration SLOW_POLL = Duration.ofMillis(500);

    private final Outbox outbox;
    private final Supplier<NumberedPublisher> connect;
    private final OutboxEncoder encoder;
    private final MeterRegistry meters;
    private final Semaphore woken = new Semaphore(0);
    private NumberedPublisher publisher;
    private long published;
    /** Numbers of this batch that the broker refuses even reduced. */
    private final Set<Long> refusedForGood = new HashSet<>();

    /**
     * @param connect       makes a publisher, which shuts out every earlier one
     * @param topicPrefix   of all topics
     */
    public Relay(Outbox outbox, Supplier<NumberedPublisher> connect, String topicPrefix, HostId self,
            MeterRegistry meters) {
        this.outbox = outbox;
        this.connect = connect;
        this.meters = meters;
        this.encoder = new OutboxEncoder(topicPrefix, self);
    }

    /** There may be something to publish. */
    public void wake() {
        woken.release();
    }

    /**
     * Publishes the next rows, or waits a little for some.
     *
     * @throws Outbox.Regressed if the database has lost commits
     * @throws RuntimeException if Kafka or PostgreSQL is away; the next call finds out how far we came
     */
    public void runOnce() throws InterruptedException {
        if (!publishNext()) {
            woken.tryAcquire(SLOW_POLL.toMillis(), TimeUnit.MILLISECONDS);
            woken.drainPermits();
        }
    }

    /** As {@link #runOnce()}, without the waiting; false if there was nothing to publish. */
    public boolean publishNext() {
        if (publisher == null) {
            reconnect();
        }
        try {
            List<Numbered> rows = outbox.next(published, BATCH);
            if (!rows.isEmpty()) {
                publish(rows);
            }
            return !rows.isEmpty();
        } catch (RuntimeException e) {
            // Whatever it was: the next turn asks both sides how far we are.
            close();
            throw e;
        }
    }

    private void reconnect() {
        // Asked first: a worker that has a successor must not shut out the successor's publisher.
        Outbox.Mark mark = outbox.mark();
        NumberedPublisher fresh = connect.get();
        try {
            published = Math.max(fresh.committed().orElse(0), mark.published());
            publisher = fresh;
        } finally {
            if (publisher == null) {
                fresh.close();
            }
        }
    }

    private void publish(List<Numbered> rows) {
        List<Numbered> sent = rows.stream().filter(row -> !refusedForGood.contains(row.number())).toList();
        List<OutboundRecord> records = new ArrayList<>(sent.size());
        for (Numbered row : sent) {
            records.add(encoder.encode(row.message(), row.reduced()));
        }
        long last = rows.getLast().number();
        switch (publisher.publish(records, last)) {
            case NumberedPublisher.Published.Committed _ -> {
                published = last;
                refusedForGood.clear();
                rows.forEach(row -> count(row.message()));
            }
            case NumberedPublisher.Published.Refused(int index, String reason) -> {
                Numbered refused = sent.get(index);
                if (refused.reduced()) {
                    // Nothing may stop behind one record. The database still has what it said.
                    LOG.error("the broker refuses even the reduced message {} ({}): {}; it is left out",
                            refused.number(), describe(refused.message()), reason);
                    refusedForGood.add(refused.number());
                } else {
                    LOG.warn("the broker refuses message {} ({}): {}; a reduced one takes its place",
                            refused.number(), describe(refused.message()), reason);
                    outbox.reduce(refused.number());
                }
            }
        }
    }

    /** What a rejected command calls its type may be anything, and a label must not be. */
    private void count(OutboxMessage message) {
        if (message instanceof OutboxMessage.Result(byte[] _, var result)) {
            String type = CommandType.parse(result.type()).map(CommandType::toString).orElse("other");
            Counter.builder("dockworker.commands").description("Ended commands, as their results say")
                    .tags("type", type, "status", result.outcome().status().toString()).register(meters).increment();
        }
    }

    private static String describe(OutboxMessage message) {
        return switch (message) {
            case OutboxMessage.Result(byte[] _, var result) -> "the result of " + result.commandId();
            case OutboxMessage.Event(var event) -> "event " + event.eventId();
            case OutboxMessage.State state -> "the state of " + state.container().name();
            case OutboxMessage.Forgotten gone -> "the end of " + gone.containerId();
            case OutboxMessage.DeadLetter letter -> "a dead letter, " + letter.code();
        };
    }

    @Override
    public void close() {
        if (publisher != null) {
            publisher.close();
            publisher = null;
        }
    }
}
