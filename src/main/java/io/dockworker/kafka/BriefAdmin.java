package io.dockworker.kafka;

import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.admin.Admin;

/** A client for a few questions. Its end does not wait, as Kafka's would for a minute, for answers that nobody wants. */
record BriefAdmin(Admin admin) implements AutoCloseable {
    static BriefAdmin of(Properties client) {
        return new BriefAdmin(Admin.create(client));
    }

    static BriefAdmin of(Map<String, Object> client) {
        return new BriefAdmin(Admin.create(client));
    }

    @Override
    public void close() {
        admin.close(Duration.ZERO);
    }
}
