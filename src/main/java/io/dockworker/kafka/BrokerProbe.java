package io.dockworker.kafka;

import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;

/** Asks whether a broker answers: a consumer with nothing to read does not notice that it is gone. */
public final class BrokerProbe implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 2;

    private final Admin admin;

    public BrokerProbe(Properties client) {
        admin = Admin.create(client);
    }

    /** True if one answers within two seconds. */
    public boolean answers() {
        try {
            admin.describeCluster().clusterId().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            return true;
        } catch (ExecutionException | TimeoutException _) {
            return false;
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    @Override
    public void close() {
        admin.close();
    }
}
