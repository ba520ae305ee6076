package io.dockworker;

import io.dockworker.docker.DockerConnection;
import io.dockworker.docker.DockerEngine;
import io.dockworker.docker.EngineAway;
import io.dockworker.docker.EngineInfo;
import io.dockworker.kafka.BrokerProbe;
import io.dockworker.kafka.ClientProperties;
import io.dockworker.kafka.TopicAdmin;
import io.dockworker.kafka.TopicCatalog;
import io.dockworker.postgres.Database;
import io.dockworker.postgres.PostgresAddress;
import io.dockworker.settings.Settings;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.Locale;
import java.util.Properties;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The three that must be there for anything to work: Docker, PostgreSQL and Kafka.
 *
 * @param kafka properties of every client
 */
record Dependencies(DockerEngine engine, Database database, Properties kafka, TopicCatalog topics) {
    private static final Logger LOG = LoggerFactory.getLogger(Dependencies.class);
    private static final Duration STATUS_EVERY = Duration.ofMillis(500);

    /** @throws Worker.Refused if what they are to be reached by cannot be used */
    static Dependencies of(Settings settings, MeterRegistry meters, Components components) throws Worker.Refused {
        var engine = components.own(engine(settings, meters));
        var database = components.own(new Database(PostgresAddress.parse(settings.postgres().value()), meters));
        Properties kafka = new Properties();
        kafka.putAll(settings.kafka().properties());
        ClientProperties.unknown(settings.kafka().properties().keySet()).forEach(property -> LOG.warn(
                "KAFKA_{}: no client of Kafka knows the property {}; look how it is spelt, or unset it",
                property.toUpperCase(Locale.ROOT).replace('.', '_'), property));
        kafka.put("bootstrap.servers", settings.kafka().bootstrapServers());
        return new Dependencies(engine, database, kafka, TopicCatalog.load(settings.topics().prefix()));
    }

    static DockerEngine engine(Settings settings, MeterRegistry meters) throws Worker.Refused {
        try {
            return DockerEngine.connect(new DockerConnection(settings.docker().host(), settings.docker().tls()),
                    settings.docker().secretDirectory(), meters);
        } catch (IllegalArgumentException e) {
            throw new Worker.Refused("DOCKER_CERT_PATH: " + e.getMessage());
        }
    }

    EngineInfo awaitEngine(Waiting waiting) throws InterruptedException {
        return waiting.until("docker", () -> {
            try {
                return engine.info();
            } catch (EngineAway e) {
                throw new IllegalStateException(e.getMessage(), e);
            }
        });
    }

    /** Its tables are there then. */
    void awaitDatabase(Waiting waiting) throws InterruptedException {
        waiting.until("postgres", () -> {
            database.migrate();
            return true;
        });
    }

    /** Its topics are there then. */
    TopicAdmin.Report awaitTopics(Settings settings, Waiting waiting) throws InterruptedException {
        return waiting.until("kafka", () -> ensureTopics(settings));
    }

    private TopicAdmin.Report ensureTopics(Settings settings) throws InterruptedException {
        TopicAdmin.Report report = new TopicAdmin(kafka, topics, settings.topics().replicationFactor())
                .ensure(settings.topics().create());
        report.differences().forEach(difference -> LOG.warn("topics: {}", difference.sentence()));
        if (!report.isComplete()) {
            throw new IllegalStateException(
                    report.error().orElseGet(() -> "topics are missing: " + report.missing()));
        }
        return report;
    }

    /** From now on it is looked again and again whether they answer. */
    BrokerProbe watch(Status status, Components components) {
        var broker = components.own(new BrokerProbe(kafka));
        status.watch("kafka", broker::answers);
        status.watch("docker", this::engineAnswers);
        status.watch("postgres", database::answers);
        components.loop("status", status::lookOnce, STATUS_EVERY);
        return broker;
    }

    private boolean engineAnswers() {
        try {
            engine.ping();
            return true;
        } catch (EngineAway _) {
            return false;
        }
    }
}
