package io.dockworker;

import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Waits for what is away, for as long as it takes, and says so once. */
record Waiting(Status status) {
    private static final Logger LOG = LoggerFactory.getLogger(Waiting.class);

    /** Something that may not work yet. */
    interface Try<T> {
        T run() throws InterruptedException;
    }

    <T> T until(String dependency, Try<T> attempt) throws InterruptedException {
        boolean said = false;
        while (true) {
            try {
                T value = attempt.run();
                status.up(dependency);
                return value;
            } catch (RuntimeException e) {
                String why = words(e);
                status.down(dependency, why);
                if (!said) {
                    LOG.warn("waiting for {}: {}", dependency, why);
                    said = true;
                }
                Thread.sleep(Duration.ofSeconds(1));
            }
        }
    }

    /** A client's own words often lie below, as in "Failed to construct kafka producer". */
    private static String words(Throwable fault) {
        String own = String.valueOf(fault.getMessage());
        return fault.getCause() == null || own.contains(String.valueOf(fault.getCause().getMessage()))
                ? own
                : own + ": " + words(fault.getCause());
    }
}
