package io.dockworker;

import io.dockworker.command.ContainerId;
import io.dockworker.command.ContainerSnapshot;
import io.dockworker.command.HostId;
import io.dockworker.docker.DockerEngine;
import io.dockworker.docker.EngineInfo;
import io.dockworker.fleet.EngineLock;
import io.dockworker.health.HealthStore;
import io.dockworker.journal.Hosts;
import io.dockworker.journal.Hosts.Registered;
import io.dockworker.kafka.FencedPublisher;
import io.dockworker.kafka.TransactionalPublisher;
import io.dockworker.observation.EngineView;
import io.dockworker.postgres.Database;
import io.dockworker.settings.Settings;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
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
    /** Often enough for a first sample within two seconds of a start. */
    private static final long LIST_EVERY_NANOS = Duration.ofMillis(700).toNanos();

    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private final MeterRegistry meters = new SimpleMeterRegistry();
    private final Status status = new Status();
    private final Components components = new Components(status, this::end);

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
        var dependencies = Dependencies.of(settings, meters, components);
        DockerEngine engine = dependencies.engine();
        Database database = dependencies.database();
        EngineInfo info = dependencies.awaitEngine(waiting);
        dependencies.awaitDatabase(waiting);
        var hosts = new Hosts(database.jdbi());
        Optional<String> refusal = waiting.until("postgres", () -> refusal(hosts, info));
        if (refusal.isPresent()) {
            throw new Worker.Refused(refusal.get());
        }
        Ownership.lock(settings, engine, info.id(), EngineLock.Purpose.SAMPLING,
                _ -> false, waiting).ifPresentOrElse(components::own,
                        () -> LOG.warn(
                                "{} cannot be locked: nothing keeps a second health-monitor from sampling it too",
                                settings.docker().host()));
        dependencies.awaitTopics(settings, waiting);
        dependencies.watch(status, components);
        HostId host = Ownership.host(settings, info);
        String prefix = settings.topics().prefix();
        // A worker that comes publishes under the same id, and thereby shuts this one out.
        var telemetry = new Telemetry(components.own(new FencedPublisher(() -> leave(hosts, info),
                () -> new TransactionalPublisher(dependencies.kafka(), prefix + "telemetry." + host, prefix + "health",
                        meters))),
                prefix);
        var sampling = new Sampling(settings, engine, info, new Listed(engine.view())::get, host,
                new HealthStore(database.jdbi(), _ -> {}, settings.health().retentionDays(), InstantSource.system()),
                telemetry, meters);
        components.loop("sampling", sampling::runOnce, Sampling.turn());
        components.loop("health snapshots", sampling::storeOnce, Duration.ZERO);
        components.loop("health topic", sampling::publishOnce, Duration.ZERO);
        components.loop("health retention", sampling::maintain, MAINTENANCE_EVERY);
        components.loop("workers", () -> leave(hosts, info), WATCH_FOR_WORKERS_EVERY);
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
        private final EngineView engine;
        private final Map<ContainerId, ContainerSnapshot> latest = new HashMap<>();
        private long askedAt = System.nanoTime() - LIST_EVERY_NANOS;

        Listed(EngineView engine) {
            this.engine = engine;
        }

        List<ContainerSnapshot> get() {
            if (System.nanoTime() - askedAt >= LIST_EVERY_NANOS) {
                Set<ContainerId> ids = engine.list()
                        .orElseThrow(() -> new IllegalStateException("the engine gives no list of its containers"));
                Map<ContainerId, Optional<ContainerSnapshot>> seen = engine.look(ids);
                if (seen.isEmpty() && !ids.isEmpty()) {
                    throw new IllegalStateException("the engine says nothing of its containers");
                }
                latest.keySet().retainAll(ids);
                // One that gives no answer stays as it was.
                seen.forEach((id, now) -> latest.compute(id, (_, _) -> now.orElse(null)));
                askedAt = System.nanoTime();
            }
            return List.copyOf(latest.values());
        }
    }

    private void end(Throwable cause) {
        ended.completeExceptionally(cause instanceof Loop.Fatal ? new Worker.Refused(cause.getMessage()) : cause);
    }

    /** Ends exceptionally when it must not go on: with {@link Worker.Refused} when a worker has come to this host. */
    public CompletableFuture<Void> ended() {
        return ended;
    }

    @Override
    public void close() {
        components.close();
        ended.complete(null);
    }
}
