package io.dockworker.kafka;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.ClientDnsLookup;
import org.apache.kafka.clients.ClientUtils;

/** Asks whether a broker answers: a consumer with nothing to read does not notice that it is gone. */
public final class BrokerProbe implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 2;

    private final BriefAdmin admin;
    private final String servers;

    /** @throws BrokerAway if no address can be resolved */
    public BrokerProbe(Properties client) {
        admin = BriefAdmin.of(client);
        servers = client.getProperty("bootstrap.servers").strip();
    }

    /**
     * True if somebody takes connections at one of the addresses. A broker does so even while it has no time to answer;
     * where nobody does, there is none to wait for.
     */
    public boolean isListening() {
        return ClientUtils
                .parseAndValidateAddresses(List.of(servers.split("\\s*,\\s*")), ClientDnsLookup.USE_ALL_DNS_IPS)
                .stream().anyMatch(BrokerProbe::isListening);
    }

    private static boolean isListening(InetSocketAddress address) {
        try (var socket = new Socket()) {
            socket.connect(address, (int) Duration.ofSeconds(PATIENCE_SECONDS).toMillis());
            return true;
        } catch (IOException _) {
            return false;
        }
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
