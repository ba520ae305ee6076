package io.dockworker.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/** Waits for Ctrl-C or SIGTERM, closes what is open, and ends the process with 0, as asked. */
final class Ending {
    /** A supervisor is promised an end within 15 s. */
    private static final int PATIENCE_SECONDS = 13;

    private final CountDownLatch asked = new CountDownLatch(1);
    private final CountDownLatch closed = new CountDownLatch(1);
    private final AtomicBoolean byUs = new AtomicBoolean();
    private final Thread main = Thread.currentThread();
    private volatile boolean waiting;
    private volatile boolean immediate;

    Ending() {
        Runtime.getRuntime().addShutdownHook(new Thread(this::onSignal, "ending"));
    }

    /** For a verb that has nothing to close: a signal ends it at once. */
    static Ending atOnce() {
        var ending = new Ending();
        ending.immediate = true;
        return ending;
    }

    /** For a verb that looks whether it should end: then nothing interrupts it. */
    boolean isAsked() {
        waiting = true;
        return asked.getCount() == 0;
    }

    /** Ends the wait from within. */
    void ask() {
        asked.countDown();
    }

    /** Returns when the process is to end. */
    void await() throws InterruptedException {
        waiting = true;
        asked.await();
    }

    /** Everything is closed: from here on the verb's own exit code counts. */
    void closed() {
        byUs.set(true);
        closed.countDown();
    }

    private void onSignal() {
        if (byUs.get()) {
            return;
        }
        asked.countDown();
        if (immediate) {
            System.out.flush();
            Runtime.getRuntime().halt(0);
        }
        if (!waiting) {
            // Something is still being started, and may wait for a dependency for as long as it likes.
            main.interrupt();
        }
        try {
            if (!closed.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                System.err.println("dockworker: not everything stopped within " + PATIENCE_SECONDS
                        + " s; ending all the same, which loses nothing");
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        System.out.flush();
        // The virtual machine would answer a signal with 128 + its number, although all is well.
        Runtime.getRuntime().halt(0);
    }
}
