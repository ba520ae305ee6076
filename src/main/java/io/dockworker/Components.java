package io.dockworker;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What runs here: opened in order, and closed in reverse, even when half-built. */
final class Components implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Components.class);

    private final Deque<AutoCloseable> opened = new ArrayDeque<>();
    private final Status status;
    private final Consumer<Throwable> onEnd;

    /** @param onEnd told of a fault after which none of it must go on */
    Components(Status status, Consumer<Throwable> onEnd) {
        this.status = status;
        this.onEnd = onEnd;
    }

    <T extends AutoCloseable> T own(T part) {
        opened.push(part);
        return part;
    }

    /** @param pause between two turns; zero if the body waits by itself */
    void loop(String name, Loop.Body body, Duration pause) {
        own(new Loop(name, body, pause, status, onEnd));
    }

    @Override
    public void close() {
        for (AutoCloseable part : List.copyOf(opened)) {
            try {
                part.close();
            } catch (Exception e) {
                LOG.debug("closing {}", part, e);
            }
        }
        opened.clear();
    }
}
