package io.dockworker.observation;

import io.dockworker.observation.EngineEvents.Hint;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads the engine's stream into a bounded queue, and asks for a relist wherever something may have been missed. */
final class HintReader {
    private static final Logger LOG = LoggerFactory.getLogger(HintReader.class);
    /** What happens at once is announced at once: a stop is a signal, an end and a stop. */
    private static final Duration LINGER = Duration.ofMillis(50);

    private final EngineEvents stream;
    private final BlockingQueue<Hint> queue;
    private final AtomicBoolean missed = new AtomicBoolean();
    private final Counter read;
    private final Counter lost;
    private volatile Optional<Instant> since = Optional.empty();
    private volatile boolean cut = true;
    private volatile boolean connected;

    HintReader(EngineEvents stream, int capacity, MeterRegistry meters) {
        this.stream = stream;
        this.queue = new ArrayBlockingQueue<>(capacity);
        read = counter(meters, "read");
        lost = counter(meters, "lost");
    }

    private static Counter counter(MeterRegistry meters, String outcome) {
        return Counter.builder("dockworker.engine.events").description("Events of the engine's stream")
                .tag("outcome", outcome).register(meters);
    }

    /**
     * Reads until the stream ends.
     *
     * @throws IllegalStateException if it could not be had; what is missed is found by looking
     */
    void readOnce() throws InterruptedException {
        connected = false;
        switch (stream.follow(since, this::connected, this::heard)) {
            case EngineEvents.End.Silent _ -> LOG.debug("engine events: silent, asking anew");
            case EngineEvents.End.Lost(String reason) -> {
                cut = true;
                // One that was there and broke off is asked for again first.
                if (!connected) {
                    throw new IllegalStateException(reason);
                }
            }
        }
    }

    private void connected() {
        connected = true;
        if (cut) {
            // An engine that was restarted has forgotten what it said before.
            cut = false;
            missed.set(true);
        }
    }

    private void heard(Hint hint) {
        since = Optional.of(hint.at().plusNanos(1));
        if (queue.offer(hint)) {
            read.increment();
        } else {
            drop(1);
        }
    }

    /** Hints that nobody can keep. */
    void drop(int count) {
        lost.increment(count);
        missed.set(true);
    }

    /** Waits for hints, no longer than this; then takes those that are there. */
    List<Hint> take(Duration most) throws InterruptedException {
        Hint first = queue.poll(most.toMillis(), TimeUnit.MILLISECONDS);
        if (first == null) {
            return List.of();
        }
        Thread.sleep(LINGER);
        List<Hint> hints = new ArrayList<>(List.of(first));
        queue.drainTo(hints);
        return hints;
    }

    /** Those that are there already. */
    List<Hint> takeNow() {
        List<Hint> hints = new ArrayList<>();
        queue.drainTo(hints);
        return hints;
    }

    /** True once after something may have been missed. */
    boolean hasMissed() {
        return missed.getAndSet(false);
    }
}
