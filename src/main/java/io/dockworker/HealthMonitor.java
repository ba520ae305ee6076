package io.dockworker;

import io.dockworker.command.ContainerSnapshot;
import io.dockworker.command.HostId;
import io.dockworker.docker.DockerEngine;
import io.dockworker.docker.EngineAway;
import io.dockworker.docker.EngineInfo;
import io.dockworker.execution.ContainerEngine.Listing;
import io.dockworker.fleet.EngineLock;
import io.dockworker.health.HealthStore;
import io.dockworker.journal.Hosts;
import io.dockworker.journal.Hosts.Registered;
import io.dockworker.kafka.BrokerProbe;
import io.dockworker.kafka.FencedPublisher;
import io.dockworker.kafka.TopicCatalog;
import io.dockworker.kafka.TransactionalPublisher;
import io.dockworker.postgres.Database;
import io.dockworker.postgres.PostgresAddress;
import io.dockworker.settings.Settings;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sampling alone, for a host on which no worker runs: its managed containers as the engine lists them, judged, stored and
 * published as a worker would do it. It takes no commands and changes nothing on the engine.
 */
public final class HealthMonitor implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(HealthMonitor.class);
    private static final Duration MAINTENANCE_EVERY = Duration.ofMinutes(10);
    private static final Duration WATCH_FOR_WORKERS_EVERY = Duration.ofSeconds(2);
    /** Often enough for a first sample within two seconds of a start, two turns of sampling included. */
    private static final long LIST_EVERY_NANOS = Duration.ofMillis(700).toNanos();

    private final Deque<AutoCloseable> opened = new ArrayDeque<>();
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private final MeterRegistry meters = new SimpleMeterRegistry();
    private final Status status = new Status();

    private HealthMonitor() {}

    /**
     * Starts to sample. Waits for Docker, PostgreSQL and Kafka as long as they are away.
     *
     * @throws Worker.Refused if a worker samples this host already
     */
    public static HealthMonitor start(Settings settings) throws Worker.Refused, InterruptedException {
        var monitor = new HealthMonitor();
        try {
            monitor.open(settings);
            return monitor;
        } catch (Worker.Refused | InterruptedException | RuntimeException e) {
            monitor.close();
            throw e;
        }
    }

    private void open(Settings settings) throws Worker.Refused, InterruptedException {
        var waiting = new Waiting(status);
        DockerEngine engine = own(Worker.connect(settings, meters));
        Database database = own(new Database(PostgresAddress.parse(settings.postgres().value()), meters));
        EngineInfo info = waiting.until("docker", () -> {
            try {
                return engine.info();
            } catch (EngineAway e) {
                throw new IllegalStateException(e.getMessage(), e);
            }
        });
        waiting.until("postgres", () -> {
            database.migrate();
            return true;
        });
        var hosts = new Hosts(database.jdbi());
        Optional<String> refusal = waiting.until("postgres", () -> refusal(hosts, info));
        if (refusal.isPresent()) {
            throw new Worker.Refused(refusal.get());
        }
        Ownership.lock(settings, engine, info.id(), EngineLock.Purpose.SAMPLING,
                _ -> false, waiting).ifPresentOrElse(this::own,
                        () -> LOG.warn(
                                "{} cannot be locked: nothing keeps a second health-monitor from sampling it too",
                                settings.docker().host()));
        Properties kafka = new Properties();
        kafka.putAll(settings.kafka().properties());
        kafka.put("bootstrap.servers", settings.kafka().bootstrapServers());
        waiting.until("kafka",
                () -> Worker.ensureTopics(settings, kafka, TopicCatalog.load(settings.topics().prefix())));
        var broker = own(new BrokerProbe(kafka));
        status.watch("kafka", broker::answers);
        status.watch("docker", () -> Worker.engineAnswers(engine));
        status.watch("postgres", database::answers);
        loop("status", status::lookOnce, Worker.STATUS_EVERY);
        HostId host = Ownership.host(settings, info);
        String prefix = settings.topics().prefix();
        // A worker that comes publishes under the same id, and thereby shuts this one out.
        var telemetry = new Telemetry(own(new FencedPublisher(() -> leave(hosts, info),
                () -> new TransactionalPublisher(kafka, prefix + "telemetry." + host, prefix + "health", meters))),
                prefix);
        var sampling = new Sampling(settings, engine, info, new Listed(engine)::get, host,
                new HealthStore(database.jdbi(), _ -> {}, settings.health().retentionDays(), InstantSource.system()),
                telemetry, meters);
        loop("sampling", sampling::runOnce, Sampling.turn());
        loop("health snapshots", sampling::storeOnce, Sampling.turn());
        loop("health topic", sampling::publishOnce, Sampling.turn());
        loop("health retention", sampling::maintain, MAINTENANCE_EVERY);
        loop("workers", () -> leave(hosts, info), WATCH_FOR_WORKERS_EVERY);
        LOG.info("host {} is being sampled every {} s: engine {}", host, settings.health().interval().toSeconds(),
                info.version());
    }

    private static void leave(Hosts hosts, EngineInfo info) {
        refusal(hosts, info).ifPresent(why -> {
            throw new Loop.Fatal(why);
        });
    }

    /** Two that sample one host would judge each container twice, each with half of the picture. */
    private static Optional<String> refusal(Hosts hosts, EngineInfo info) {
        return hosts.ofEngine(info.id()).filter(Registered::live)
                .map(worker -> "a worker samples this engine already (host " + worker.host() + ", last heard of "
                        + worker.heartbeatAt() + "); its samples are on the health topic and at "
                        + "/containers/instances/{id}/health. To sample without it, stop it first");
    }

    /** The engine's containers, asked for more seldom than a turn of sampling comes. */
    private static final class Listed {
        private final DockerEngine engine;
        private List<ContainerSnapshot> latest = List.of();
        private long askedAt = System.nanoTime() - LIST_EVERY_NANOS;

        Listed(DockerEngine engine) {
            this.engine = engine;
        }

        List<ContainerSnapshot> get() {
            if (System.nanoTime() - askedAt >= LIST_EVERY_NANOS) {
                latest = switch (engine.list()) {
                    case Listing.Containers(List<ContainerSnapshot> containers) -> containers;
                    case Listing.Away(String reason) -> throw new IllegalStateException(reason);
                };
                askedAt = System.nanoTime();
            }
            return latest;
        }
    }

    private void loop(String name, Loop.Body body, Duration pause) {
        own(new Loop(name, body, pause, status, this::end));
    }

    private void end(Throwable cause) {
        ended.completeExceptionally(cause instanceof Loop.Fatal ? new Worker.Refused(cause.getMessage()) : cause);
    }

    private <T extends AutoCloseable> T own(T part) {
        opened.push(part);
        return part;
    }

    /** Ends exceptionally when it must not go on: with {@link Worker.Refused} when a worker has come to this host. */
    public CompletableFuture<Void> ended() {
        return ended;
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
        ended.complete(null);
    }
}
