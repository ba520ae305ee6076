package io.dockworker.health;

import io.dockworker.command.HealthSample;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Samples on their way to one destination, which may be away. Sampling goes on meanwhile; when too many wait, the oldest
 * are dropped and counted.
 */
public final class SampleQueue implements Consumer<List<HealthSample>> {
    private static final int BATCH = 5_000;

    private final int bound;
    private final Destination destination;
    private final Counter delivered;
    private final Counter dropped;
    private final ArrayDeque<HealthSample> waiting = new ArrayDeque<>();
    private final Semaphore news = new Semaphore(0);

    /** Takes a batch or throws; a batch may come twice after a fault. */
    public interface Destination {
        void accept(List<HealthSample> samples) throws InterruptedException;
    }

    /**
     * @param outcome     what becomes of a sample there, for {@code dockworker_health_samples_total}: {@code stored},
     *                    {@code published}; those dropped on the way count as {@code not_stored} and so on
     * @param bound       how many may wait
     */
    public SampleQueue(String outcome, int bound, Destination destination, MeterRegistry meters) {
        this.bound = bound;
        this.destination = destination;
        delivered = samples(meters, outcome);
        dropped = samples(meters, "not_" + outcome);
    }

    static Counter samples(MeterRegistry meters, String outcome) {
        return Counter.builder("dockworker.health.samples").tag("outcome", outcome)
                .description("Health samples by what became of them").register(meters);
    }

    /** Takes samples without waiting. */
    @Override
    public void accept(List<HealthSample> samples) {
        synchronized (waiting) {
            waiting.addAll(samples);
            shrink();
        }
        news.release();
    }

    /** Returns as soon as there are new samples, or when this time is over. */
    public void await(Duration atMost) throws InterruptedException {
        if (news.tryAcquire(atMost.toMillis(), TimeUnit.MILLISECONDS)) {
            news.drainPermits();
        }
    }

    /**
     * Delivers one batch of what waits.
     *
     * @return how many were delivered
     * @throws RuntimeException the destination's; the batch waits on
     */
    public int runOnce() throws InterruptedException {
        List<HealthSample> batch = new ArrayList<>();
        synchronized (waiting) {
            while (batch.size() < BATCH && !waiting.isEmpty()) {
                batch.add(waiting.removeFirst());
            }
        }
        if (batch.isEmpty()) {
            return 0;
        }
        boolean taken = false;
        try {
            destination.accept(batch);
            taken = true;
        } finally {
            if (!taken) {
                putBack(batch);
            }
        }
        delivered.increment(batch.size());
        return batch.size();
    }

    private void putBack(List<HealthSample> batch) {
        synchronized (waiting) {
            batch.reversed().forEach(waiting::addFirst);
            shrink();
        }
    }

    private void shrink() {
        while (waiting.size() > bound) {
            waiting.removeFirst();
            dropped.increment();
        }
    }
}
