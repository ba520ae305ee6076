package io.dockworker.settings;

import io.dockworker.command.HostId;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Everything that can be set, read and checked. Printing it, or any part of it, shows no secret.
 *
 * @param shown    each setting as people may see it, for {@code config}
 * @param warnings what looks like a slip but stops nothing
 */
public record Settings(Kafka kafka, PostgresUrl postgres, Docker docker, Host host, Topics topics, Health health,
        int commandRetentionDays, int eventRetentionDays, Http http, Log log, boolean metricsPerContainer,
        List<Shown> shown, List<String> warnings) {
    /** Where a value came from; a flag wins over the rest. */
    public enum Origin {
        DEFAULT, ENVIRONMENT, FILE, FLAG
    }

    /** One setting for people: the variable's name, its value or asterisks, and where it came from. */
    public record Shown(String name, String value, Origin origin) {}

    /**
     * @param properties further properties of the Kafka clients, such as {@code security.protocol}; none that the
     *                   protocol owns, but perhaps some that the clients do not know
     */
    public record Kafka(String bootstrapServers, Map<String, String> properties) {
        public Kafka {
            properties = Collections.unmodifiableMap(new TreeMap<>(properties));
        }

        @Override
        public String toString() {
            var redacted = new TreeMap<String, String>();
            properties.forEach((name, value) -> redacted.put(name,
                    KafkaProperties.isSecret(name) ? Secret.MASK : value));
            return "Kafka[bootstrapServers=" + bootstrapServers + ", properties=" + redacted + "]";
        }
    }

    /** @param certificates a directory with ca.pem, cert.pem and key.pem; empty: Docker's own default */
    public record Docker(URI host, Optional<Path> certificates, boolean tlsVerify, Path secretDirectory) {
        /** True where the engine runs on this machine for sure, so that it can be locked and its files seen. */
        public boolean isSocket() {
            return host.getScheme().equals("unix");
        }

        /** Where the certificates are; empty: no TLS. A socket needs none, whatever is set. */
        public Optional<Path> tls() {
            return tlsVerify && !isSocket()
                    ? certificates.or(() -> Optional.of(Path.of(System.getProperty("user.home"), ".docker")))
                    : Optional.empty();
        }
    }

    /** @param id empty: the engine's own name */
    public record Host(Optional<HostId> id, Map<String, String> labels, Duration heartbeat, Path lockDirectory) {
        public Host {
            labels = Collections.unmodifiableMap(new LinkedHashMap<>(labels));
        }
    }

    /** @param replicationFactor empty: the broker's default */
    public record Topics(String prefix, boolean create, OptionalInt replicationFactor) {}

    /** @param cgroupDirectory the host's control groups, and {@code procDirectory} its processes, as seen from here */
    public record Health(Duration interval, int retentionDays, Thresholds cpu, Thresholds memory, Thresholds disk,
            Path cgroupDirectory, Path procDirectory) {}

    /** Percents from which something is in warning, and from which it is critical; the first is the lower. */
    public record Thresholds(int warningPercent, int criticalPercent) {}

    /** @param port 0: any free one */
    public record Http(String host, int port, Optional<Secret> token) {}

    public record Log(Level level, Format format, Optional<Path> file) {
        /** From heavy to light. */
        public enum Level {
            ERROR, WARN, INFO, DEBUG, TRACE
        }

        public enum Format {
            TEXT, JSON
        }
    }

    public Settings {
        shown = List.copyOf(shown);
        warnings = List.copyOf(warnings);
    }

    /**
     * Reads all settings, for a worker that is told where Kafka and PostgreSQL are; of the database's URL only the scheme
     * is checked.
     *
     * @param flags what the command line holds beside its verb and the verb's own options
     * @throws InvalidSettings with every fault there is
     */
    public static Settings read(Map<String, String> environment, List<String> flags) throws InvalidSettings {
        return read(environment, flags, Map.of(), _ -> {});
    }

    /**
     * The same for one who brings services along, and so knows better defaults.
     *
     * @param defaults    instead of those in the table
     * @param postgresUrl throws {@link io.dockworker.command.InvalidValue} at a URL that those who connect cannot read, so
     *                    that it is among the faults
     */
    public static Settings read(Map<String, String> environment, List<String> flags, Map<Setting, String> defaults,
            Consumer<String> postgresUrl) throws InvalidSettings {
        return SettingsReader.read(environment, flags, defaults, postgresUrl);
    }

    /** These settings, with the services that were started since: a taken port may have moved them. */
    public Settings withServices(String bootstrapServers, String postgresUrl) {
        var url = new PostgresUrl(postgresUrl);
        var reshown = new ArrayList<Shown>(shown);
        reshown.replaceAll(entry -> switch (entry.name()) {
            case "KAFKA_BOOTSTRAP_SERVERS" -> new Shown(entry.name(), bootstrapServers, entry.origin());
            case "POSTGRES_URL" -> new Shown(entry.name(), url.redacted(), entry.origin());
            default -> entry;
        });
        return new Settings(new Kafka(bootstrapServers, kafka.properties()), url, docker, host, topics, health,
                commandRetentionDays, eventRetentionDays, http, log, metricsPerContainer, reshown, warnings);
    }
}
