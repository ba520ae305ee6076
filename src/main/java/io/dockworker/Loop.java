package io.dockworker;

import io.dockworker.journal.Superseded;
import io.dockworker.journal.Unavailable;
import java.time.Duration;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Calls a body again and again on a thread of its own. After a fault the calls back off, and go on. */
final class Loop implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Loop.class);
    private static final Duration FIRST_BACKOFF = Duration.ofMillis(100);
    private static final Duration MAX_BACKOFF = Duration.ofSeconds(2);

    private final String name;
    private final Body body;
    private final Duration pause;
    private final Report report;
    private final Consumer<Throwable> onEnd;
    private final Thread thread;
    private volatile boolean closed;

    /** One turn. */
    interface Body {
        void runOnce() throws InterruptedException;
    }

    /** Told of faults that pass. */
    interface Report {
        /**
         * A turn failed.
         *
         * @param ofDatabase it was the journal's to fail
         */
        void fault(String loop, RuntimeException fault, boolean ofDatabase);

        /** A turn went well after some that did not. */
        void over(String loop);
    }

    /**
     * @param pause between two turns; zero if the body waits by itself
     * @param onEnd  told of a fault after which the worker must not go on
     */
    Loop(String name, Body body, Duration pause, Report report, Consumer<Throwable> onEnd) {
        this.name = name;
        this.body = body;
        this.pause = pause;
        this.report = report;
        this.onEnd = onEnd;
        this.thread = Thread.ofPlatform().name(name).daemon(true).start(this::run);
    }

    private void run() {
        Duration backoff = FIRST_BACKOFF;
        boolean failed = false;
        while (!closed) {
            try {
                body.runOnce();
                if (failed) {
                    report.over(name);
                    failed = false;
                    backoff = FIRST_BACKOFF;
                }
                if (!pause.isZero()) {
                    Thread.sleep(pause);
                }
            } catch (InterruptedException _) {
                return;
            } catch (Superseded | Fatal e) {
                onEnd.accept(e);
                return;
            } catch (RuntimeException e) {
                if (closed) {
                    return;
                }
                LOG.debug("{}", name, e);
                failed = true;
                report.fault(name, e, e instanceof Unavailable);
                try {
                    Thread.sleep(backoff);
                } catch (InterruptedException _) {
                    return;
                }
                backoff = backoff.multipliedBy(2).compareTo(MAX_BACKOFF) > 0 ? MAX_BACKOFF : backoff.multipliedBy(2);
            } catch (Error e) {
                onEnd.accept(e);
                return;
            }
        }
    }

    /** Lets the turn that is under way end, within a bound, and begins no other. */
    void close(Duration patience) {
        closed = true;
        try {
            if (!thread.join(patience)) {
                thread.interrupt();
                thread.join(Duration.ofSeconds(1));
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        closed = true;
        thread.interrupt();
        close(Duration.ofSeconds(1));
    }

    /** A fault after which the worker must not go on. */
    static final class Fatal extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Fatal(String message) {
            super(message);
        }
    }
}
