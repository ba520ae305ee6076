package io.dockworker.cli;

import io.dockworker.Worker;
import io.dockworker.docker.DockerEngine;
import io.dockworker.docker.EngineAway;
import io.dockworker.kafka.BrokerAway;
import io.dockworker.kafka.BrokerProbe;
import io.dockworker.postgres.Database;
import io.dockworker.postgres.PostgresAddress;
import io.dockworker.settings.InvalidSettings;
import io.dockworker.settings.Setting;
import io.dockworker.settings.Settings;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import java.util.Properties;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * What the verbs have in common that talk to services which are there already. Each opens only what it needs, and ends
 * at once with the mend where that is away.
 */
@Command
final class Client extends SettingFlags {
    @Option(names = "--data", paramLabel = "DIR", defaultValue = ".dockworker", description = "what neither flags nor the environment say is taken from DIR/endpoints.env, which `up` and `services` write (default: ${DEFAULT-VALUE})")
    private Path directory;

    Settings settings() throws InvalidSettings {
        Settings settings = settingsOfWorker();
        Logging.quiet();
        return settings;
    }

    /** For verbs that go on, and whose log is what they show. */
    Settings settingsOfWorker() throws InvalidSettings {
        return read(endpoints());
    }

    /** For verbs that ask the engine alone. */
    Settings settingsWithoutServices() throws InvalidSettings {
        Map<Setting, String> defaults = new EnumMap<>(UpVerb.DEFAULTS);
        defaults.putAll(endpoints());
        Settings settings = read(defaults);
        Logging.quiet();
        return settings;
    }

    /** Where the addresses stand that nobody gave. */
    Path endpointsFile() {
        return directory.resolve("endpoints.env");
    }

    /** What `up` or `services` in another terminal wrote; empty where none runs. */
    Map<Setting, String> endpoints() {
        Map<Setting, String> found = new EnumMap<>(Setting.class);
        try {
            for (String line : Files.readAllLines(endpointsFile())) {
                int equals = line.indexOf('=');
                for (Setting setting : new Setting[]{Setting.KAFKA_BOOTSTRAP_SERVERS, Setting.POSTGRES_URL}) {
                    if (equals > 0 && line.substring(0, equals).equals(setting.name())) {
                        found.put(setting, line.substring(equals + 1));
                    }
                }
            }
        } catch (IOException _) {
            // Then the settings say what is missing.
        }
        return found;
    }

    static Properties kafka(Settings settings) {
        Properties client = new Properties();
        client.putAll(settings.kafka().properties());
        client.put("bootstrap.servers", settings.kafka().bootstrapServers());
        // A person waits.
        client.putIfAbsent("default.api.timeout.ms", "20000");
        client.putIfAbsent("request.timeout.ms", "10000");
        return client;
    }

    /** @throws Exit.Because if no broker answers */
    static Properties reachedKafka(Settings settings) {
        Properties client = kafka(settings);
        try (BrokerProbe probe = new BrokerProbe(client)) {
            // The first answer of a loaded machine may take longer than the probe waits.
            for (int tries = 0; tries < 3; tries++) {
                if (probe.answers()) {
                    return client;
                }
                if (!probe.isListening()) {
                    break;
                }
            }
        } catch (BrokerAway e) {
            throw new Exit.Because(Exit.UNAVAILABLE, e.getMessage() + "; mend KAFKA_BOOTSTRAP_SERVERS ("
                    + settings.kafka().bootstrapServers() + ")");
        }
        throw new Exit.Because(Exit.UNAVAILABLE, "no Kafka broker answers at " + settings.kafka().bootstrapServers()
                + "; start one (./dockworker up, on this machine), or set KAFKA_BOOTSTRAP_SERVERS");
    }

    static Database database(Settings settings) {
        return new Database(PostgresAddress.parse(settings.postgres().value()), new SimpleMeterRegistry());
    }

    /** @throws Exit.Because if PostgreSQL does not answer, or no worker has been there */
    static Database reachedDatabase(Settings settings) {
        Database database = database(settings);
        try {
            database.complaint().ifPresent(why -> {
                throw new Exit.Because(Exit.UNAVAILABLE, "PostgreSQL cannot be used at "
                        + settings.postgres().redacted() + ": " + why
                        + "; start it (./dockworker up, on this machine), or set POSTGRES_URL");
            });
            if (!database.hasSchema()) {
                throw new Exit.Because(Exit.UNAVAILABLE, "no worker has used the database "
                        + settings.postgres().redacted() + " yet; start one (./dockworker run), or mend POSTGRES_URL");
            }
            return database;
        } catch (RuntimeException e) {
            database.close();
            throw e;
        }
    }

    /** @throws Exit.Because if no engine answers */
    static DockerEngine reachedEngine(Settings settings) throws Worker.Refused {
        DockerEngine engine = Worker.connect(settings, new SimpleMeterRegistry());
        try {
            engine.ping();
            return engine;
        } catch (EngineAway e) {
            engine.close();
            throw new Exit.Because(Exit.UNAVAILABLE,
                    "no Docker engine answers (" + e.getMessage() + "); start one, or set DOCKER_HOST");
        }
    }
}
