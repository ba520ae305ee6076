package io.dockworker.http;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The streams that are open: a bounded number. That a reader has vanished shows only when something is written, and a
 * quiet container writes nothing; so where room is needed, the stream that has been silent for longest makes it.
 */
final class OpenStreams {
    static final int MOST = 64;
    /** Above the pause between two heartbeats: what beats is never put out. */
    private static final Duration SILENT = Duration.ofSeconds(60);

    /** Threads, the longest silent first, with the time of their last word. */
    private final Map<Thread, Long> open = new LinkedHashMap<>();

    /** Takes a place for the current thread. */
    synchronized boolean enter() {
        if (open.size() >= MOST) {
            Optional<Map.Entry<Thread, Long>> silent = open.entrySet().stream().findFirst()
                    .filter(eldest -> System.nanoTime() - eldest.getValue() > SILENT.toNanos());
            if (silent.isEmpty()) {
                return false;
            }
            Thread eldest = silent.get().getKey();
            open.remove(eldest);
            eldest.interrupt();
        }
        open.put(Thread.currentThread(), System.nanoTime());
        return true;
    }

    /** The current thread's stream has written something. */
    synchronized void written() {
        if (open.remove(Thread.currentThread()) != null) {
            open.put(Thread.currentThread(), System.nanoTime());
        }
    }

    synchronized void leave() {
        open.remove(Thread.currentThread());
    }
}
