package io.dockworker.http;

import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** The way to a client, who may be slow: a write that is not taken in time is cut off, and its connection with it. */
final class ClientOutput {
    /** For an answer as a whole, and for each bit of a stream. */
    static final Duration PATIENCE = Duration.ofSeconds(60);

    private final OutputStream out;
    private final Limits limits;
    private final Runnable onWritten;

    ClientOutput(OutputStream out, Limits limits, Runnable onWritten) {
        this.out = out;
        this.limits = limits;
        this.onWritten = onWritten;
    }

    void write(byte[] bytes, int length) throws IOException {
        try (var _ = limits.begin(PATIENCE)) {
            out.write(bytes, 0, length);
            out.flush();
        }
        onWritten.run();
    }

    /** Interrupts threads that take too long. Interrupting a thread that writes closes its connection. */
    static final class Limits implements AutoCloseable {
        private final ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1,
                Thread.ofPlatform().name("http-limits").daemon(true).factory());

        Limits() {
            timer.setRemoveOnCancelPolicy(true);
        }

        Limit begin(Duration limit) {
            return new Limit(timer, limit);
        }

        @Override
        public void close() {
            timer.shutdownNow();
        }
    }

    /** One limit of the thread that made it. Once it is closed, it interrupts nobody. */
    static final class Limit implements AutoCloseable {
        private final Thread thread = Thread.currentThread();
        private final ScheduledFuture<?> alarm;
        private boolean over;

        private Limit(ScheduledThreadPoolExecutor timer, Duration limit) {
            alarm = timer.schedule(this::ring, limit.toMillis(), TimeUnit.MILLISECONDS);
        }

        private synchronized void ring() {
            if (!over) {
                thread.interrupt();
            }
        }

        @Override
        public void close() {
            alarm.cancel(false);
            synchronized (this) {
                over = true;
            }
        }
    }
}
