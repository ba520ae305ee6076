package io.dockworker.kafka;

import java.time.Duration;
import java.util.Properties;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;

/** A client for a few questions. Its end does not wait, as Kafka's would for a minute, for answers that nobody wants. */
record BriefAdmin(Admin admin) implements AutoCloseable {
    /** @throws BrokerAway if there can be none, as where no address can be resolved */
    static BriefAdmin of(Properties client) {
        try {
            return new BriefAdmin(Admin.create(client));
        } catch (KafkaException e) {
            // "Failed to create new KafkaAdminClient" helps nobody.
            throw new BrokerAway(e.getCause() == null ? e : e.getCause());
        }
    }

    @Override
    public void close() {
        admin.close(Duration.ZERO);
    }
}
