package io.dockworker.kafka;

import io.dockworker.kafka.NumberedPublisher.Published;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.apache.kafka.common.KafkaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishes what a worker says of its host and what bypasses the outbox, until a successor publishes under the same id:
 * a batch each in a transaction, since only that lets the broker shut out whoever was here before.
 */
public final class FencedPublisher implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(FencedPublisher.class);

    private final Runnable right;
    private final Supplier<TransactionalPublisher> connect;
    private final ReentrantLock turn = new ReentrantLock();
    private volatile TransactionalPublisher publisher;
    private volatile boolean closed;

    /**
     * Connects with the first batch, and again after each fault.
     *
     * @param right   asked before, since connecting shuts out every earlier publisher: throws if there is a successor
     * @param connect makes a publisher
     */
    public FencedPublisher(Runnable right, Supplier<TransactionalPublisher> connect) {
        this.right = right;
        this.connect = connect;
    }

    /**
     * Publishes all records or nothing. One that the broker refuses as such is left out.
     *
     * @throws KafkaException if it is not known, or not so; the next call finds out whether there is a successor
     */
    public void publish(List<OutboundRecord> records) throws InterruptedException {
        turn.lockInterruptibly();
        try {
            if (publisher == null) {
                right.run();
                publisher = connect.get();
                // Between the two this process may have been frozen, and a successor come.
                right.run();
            }
            if (closed) {
                throw new KafkaException("closed");
            }
            List<OutboundRecord> rest = new ArrayList<>(records);
            while (!rest.isEmpty() && publisher.publish(rest) instanceof Published.Refused(int index, String reason)) {
                LOG.warn("the broker refuses a record for {}: {}; it is left out", rest.remove(index).topic(), reason);
            }
        } catch (RuntimeException e) {
            disconnect();
            throw e;
        } finally {
            turn.unlock();
        }
    }

    private void disconnect() {
        TransactionalPublisher old = publisher;
        publisher = null;
        if (old != null) {
            // An interrupted thread would cut this short, and the client complain.
            boolean interrupted = Thread.interrupted();
            old.close();
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Ends what another thread may be waiting for, too. */
    @Override
    public void close() {
        closed = true;
        TransactionalPublisher open = publisher;
        if (open != null) {
            open.close();
        }
    }
}
