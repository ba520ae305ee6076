package io.dockworker.kafka;

import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Asks whether a broker answers: a consumer with nothing to read does not notice that it is gone. */
public final class BrokerProbe implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 2;

    private final BriefAdmin admin;

    /** @throws BrokerAway if no address can be resolved */
    public BrokerProbe(Properties client) {
        admin = BriefAdmin.of(client);
    }

    /** True if one answers within two seconds. */
    public boolean answers() {
        return complaint().isEmpty();
    }

    /** Why none gives an answer; empty if one does. */
    public Optional<String> complaint() {
        try {
            admin.admin().describeCluster().clusterId().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            return Optional.empty();
        } catch (ExecutionException e) {
            return Optional.of(String.valueOf(e.getCause().getMessage()));
        } catch (TimeoutException _) {
            return Optional.of("no broker answers within " + PATIENCE_SECONDS + " s");
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return Optional.of("interrupted");
        }
    }

    @Override
    public void close() {
        admin.close();
    }
}
