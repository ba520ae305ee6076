package io.dockworker;

import io.dockworker.docker.ContainerLogs;
import io.dockworker.docker.DockerEngine;
import io.dockworker.docker.EngineInfo;
import io.dockworker.execution.Checkpoint;
import io.dockworker.execution.LaneExecutor;
import io.dockworker.fleet.Heartbeat;
import io.dockworker.fleet.OverdueCommands;
import io.dockworker.health.HealthStore;
import io.dockworker.http.HttpInterface;
import io.dockworker.http.HttpParts;
import io.dockworker.http.Listening;
import io.dockworker.http.Readiness;
import io.dockworker.intake.Intake;
import io.dockworker.journal.Changes;
import io.dockworker.journal.CommandViews;
import io.dockworker.journal.ContainerViews;
import io.dockworker.journal.Containers;
import io.dockworker.journal.EventViews;
import io.dockworker.journal.Fence;
import io.dockworker.journal.FleetViews;
import io.dockworker.journal.Hosts;
import io.dockworker.journal.ManagedContainer;
import io.dockworker.journal.Notifications;
import io.dockworker.journal.Observations;
import io.dockworker.journal.Outbox;
import io.dockworker.journal.OverdueWork;
import io.dockworker.journal.PostgresInbox;
import io.dockworker.journal.PostgresOutbox;
import io.dockworker.journal.PostgresWorkQueue;
import io.dockworker.journal.Retention;
import io.dockworker.kafka.BrokerAway;
import io.dockworker.kafka.BrokerProbe;
import io.dockworker.kafka.ClientMeters;
import io.dockworker.kafka.CommandConsumer;
import io.dockworker.kafka.FencedPublisher;
import io.dockworker.kafka.Publisher;
import io.dockworker.kafka.TopicAdmin;
import io.dockworker.kafka.TopicCatalog;
import io.dockworker.kafka.TransactionalPublisher;
import io.dockworker.observation.Observer;
import io.dockworker.postgres.Database;
import io.dockworker.relay.Relay;
import io.dockworker.settings.Secret;
import io.dockworker.settings.Settings;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.BindException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One worker: everything wired together by hand.
 */
public final class Worker implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Worker.class);
    private static final Duration GRACE = Duration.ofSeconds(7);
    private static final int RELISTS_AT_START = 5;
    private static final Duration STREAM_AGAIN = Duration.ofMillis(500);
    private static final Duration FOR_EVER = Duration.ofDays(36_500);
    private static final Duration PROBE_EVERY = Duration.ofSeconds(2);
    private static final Duration RETENTION_EVERY = Duration.ofMinutes(10);

    private final Settings settings;
    private final How how;
    private final Checkpoint checkpoint;
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private final PrometheusMeterRegistry meters = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final Status status = new Status();
    private final Waiting waiting = new Waiting(status);
    private final Components components = new Components(status, this::end);
    private HttpInterface http;
    private volatile long closingSince;

    private Worker(Settings settings, How how, Checkpoint checkpoint) {
        this.settings = settings;
        this.how = how;
        this.checkpoint = checkpoint;
    }

    /**
     * How a worker starts, beside its settings, which hold for every start.
     *
     * @param movePort a taken HTTP port is no fault: the next free one is used
     * @param takeOver an engine that cannot be locked is taken from a worker that did not say that it ends
     */
    public record How(boolean movePort, boolean takeOver) {
        public static final How PLAIN = new How(false, false);
        public static final How WITH_ANY_PORT = new How(true, false);
    }

    /** This worker must not run here; the message says why, and the mend. */
    public static final class Refused extends Exception {
        private static final long serialVersionUID = 1L;

        Refused(String message) {
            super(message);
        }
    }

    /**
     * Starts a worker, and returns when it takes commands. Waits for Docker, PostgreSQL and Kafka as long as they are
     * away.
     *
     * @param checkpoint reached between the steps of the protocol
     * @throws Refused     if another worker owns the engine or the host
     * @throws IOException if the HTTP port or the lock directory cannot be used
     */
    public static Worker start(Settings settings, How how, Checkpoint checkpoint)
            throws Refused, IOException, InterruptedException {
        var worker = new Worker(settings, how, checkpoint);
        try {
            worker.open();
            return worker;
        } catch (Refused | IOException | InterruptedException | RuntimeException e) {
            worker.close();
            throw e;
        }
    }

    /** @throws Refused if the certificates for its engine cannot be read */
    public static DockerEngine connect(Settings settings, MeterRegistry meters) throws Refused {
        return Dependencies.engine(settings, meters);
    }

    private void open() throws Refused, IOException, InterruptedException {
        meters.config().meterFilter(ClientMeters.few(settings.topics().prefix()));
        Meters.bindRuntime(meters);
        var dependencies = Dependencies.of(settings, meters, components);
        DockerEngine engine = dependencies.engine();
        Database database = dependencies.database();
        TopicCatalog topics = dependencies.topics();
        var publisher = components.own(new Publisher(dependencies.kafka(), Duration.ofSeconds(10), meters));
        var containers = new Containers(database.jdbi());
        var sampling = new AtomicReference<Sampling>();
        var parts = new HttpParts(
                new ContainerLookups(containers, new ContainerViews(database.jdbi()), engine, sampling),
                new Records(new CommandViews(database.jdbi()), new EventViews(database.jdbi()),
                        new FleetViews(database.jdbi()), new Changes(database.jdbi())),
                new EngineLogs(new ContainerLogs(engine), sampling),
                new TopicCommandPublisher(publisher, topics.name("commands")), meters::scrape,
                status::readiness, InstantSource.system());
        try {
            listen(parts);
        } catch (BindException e) {
            // A predecessor that is frozen holds its port as it holds its engine, and loses both at once.
            LOG.warn("{}; tried once more when the engine is this worker's own", e.getMessage());
        }

        EngineInfo info = dependencies.awaitEngine(waiting);
        dependencies.awaitDatabase(waiting);
        var hosts = new Hosts(database.jdbi());
        var ownership = components.own(Ownership.take(settings, how.takeOver(), engine, info, hosts, waiting));
        Fence fence = ownership.fence();
        if (http == null) {
            listen(parts);
        }
        TopicAdmin.Report found = dependencies.awaitTopics(settings, waiting);
        BrokerProbe broker = dependencies.watch(status, components);
        // With nothing to publish nobody would notice that it is gone: its client goes on trying in silence.
        components.loop("kafka", () -> broker.complaint().ifPresent(why -> {
            throw new BrokerAway(why);
        }), PROBE_EVERY);
        run(new Parts(dependencies, info, hosts, ownership, commandRetention(found, topics),
                containers, sampling));
        status.state(Readiness.State.READY);
        LOG.info("host {} is ready: engine {} (API {}), epoch {}, http port {}", fence.host(), info.version(),
                info.apiVersion(), fence.epoch(), http.port());
    }

    private void listen(HttpParts parts) throws IOException {
        http = components
                .own(HttpInterface.start(new Listening(settings.http().host(), settings.http().port(), how.movePort(),
                        settings.http().token().map(Secret::value)), parts));
    }

    /** What the loops are made of. */
    private record Parts(Dependencies dependencies, EngineInfo info, Hosts hosts, Ownership ownership,
            Duration commandRetention, Containers containers, AtomicReference<Sampling> sampling) {}

    /** An id outlives the records that bear it by a day: one that is read again must not run again. */
    private Duration commandRetention(TopicAdmin.Report found, TopicCatalog topics) {
        Duration wanted = Duration.ofDays(settings.commandRetentionDays());
        Duration least = found.retention(topics.definition("commands")).map(kept -> kept.plusDays(1))
                .filter(kept -> kept.compareTo(FOR_EVER) < 0).orElse(FOR_EVER);
        if (wanted.compareTo(least) >= 0) {
            return wanted;
        }
        LOG.warn("ids of commands are kept {} instead of COMMAND_RETENTION_DAYS={}: the topic {} keeps its records so "
                + "long that they could be read again after that",
                least.equals(FOR_EVER)
                        ? "for ever"
                        : least.toDays() + " days",
                settings.commandRetentionDays(), topics.definition("commands").name());
        return least;
    }

    private void run(Parts parts) throws InterruptedException {
        Fence fence = parts.ownership().fence();
        DockerEngine engine = parts.dependencies().engine();
        Database database = parts.dependencies().database();
        Properties kafka = parts.dependencies().kafka();
        TopicCatalog topics = parts.dependencies().topics();
        var queue = new PostgresWorkQueue(database.jdbi(), fence);
        var outbox = new PostgresOutbox(database.jdbi(), fence);
        String relayId = settings.topics().prefix() + "relay." + fence.host();
        var relay = components.own(new Relay(outbox,
                () -> new TransactionalPublisher(kafka, relayId, topics.name("results"),
                        meters),
                settings.topics().prefix(), fence.host(), meters));
        var executor = new LaneExecutor(queue, engine, meters, InstantSource.system(), checkpoint,
                relay::wake);
        var inbox = new PostgresInbox(database.jdbi(), fence);
        var intake = new Intake(topics.name("commands"), inbox, meters, lanes -> {
            executor.wake(lanes);
            relay.wake();
        });
        status.gaps(intake::gaps);
        Meters.bindJournal(meters, queue, outbox, status);
        var observer = new Observer(engine.view(), engine.events(),
                parts.containers(), new Observations(database.jdbi()), fence, meters);
        // Before anything is executed: containers that outlived their records must be known to their lanes.
        var tries = new AtomicInteger();
        waiting.until("docker", () -> {
            int leftOut = observer.relist().orElseThrow(
                    () -> new IllegalStateException("the engine says nothing of its containers"));
            // One may be silent for ever.
            if (leftOut > 0 && tries.incrementAndGet() < RELISTS_AT_START) {
                throw new IllegalStateException("the engine says nothing of " + leftOut + " of its containers");
            }
            return true;
        });

        var telemetry = new Telemetry(components.own(new FencedPublisher(() -> parts.hosts().confirm(fence),
                () -> new TransactionalPublisher(kafka,
                        settings.topics().prefix() + "telemetry." + fence.host(), topics.name("health"),
                        meters))),
                settings.topics().prefix());
        var description = new HostDescription(settings, parts.info(), fence, telemetry);
        var beat = new Heartbeat(() -> parts.hosts().beat(fence, description.json()), settings.host().heartbeat(),
                System::nanoTime);
        components.loop("heartbeat", beat::runOnce, settings.host().heartbeat());
        // Apart: Kafka, when it is away, must not make a live worker look lost.
        components.loop("hosts topic", description::publish, settings.host().heartbeat());
        components.loop("deadlines", new OverdueCommands(beat, new OverdueWork(database.jdbi(), fence))::runOnce,
                settings.host().heartbeat());
        components.loop("relay", () -> {
            try {
                relay.runOnce();
            } catch (Outbox.Regressed e) {
                throw new Loop.Fatal(e.getMessage());
            }
        }, Duration.ZERO);
        // The next two end first: then this worker acts on its engine no more, however long the rest takes to end.
        components.own((AutoCloseable) parts.ownership()::release);
        components.loop("journal", executor::commitOnce, Duration.ZERO);
        components.own((AutoCloseable) () -> executor.close(graceLeft()));
        components.loop("lanes", executor::runOnce, Duration.ZERO);
        components.loop("engine events", observer::readOnce, STREAM_AGAIN);
        components.loop("observation", observer::runOnce, Duration.ZERO);
        var retention = new Retention(database.jdbi(), fence, parts.commandRetention(),
                Duration.ofDays(settings.eventRetentionDays()));
        components.loop("retention", () -> {
            while (retention.runOnce()) {
                Thread.onSpinWait();
            }
        }, RETENTION_EVERY);
        engine.onPullProgress(new PullTopic(telemetry, fence.host(), InstantSource.system()));
        var sampling = new Sampling(settings, engine, parts.info(),
                () -> parts.containers().ofHost(fence.host()).stream().map(ManagedContainer::container).toList(),
                fence.host(), new HealthStore(database.jdbi(), fence::hold,
                        settings.health().retentionDays(), InstantSource.system()),
                telemetry, meters);
        parts.sampling().set(sampling);
        components.loop("sampling", sampling::runOnce, Sampling.turn());
        components.loop("health snapshots", sampling::storeOnce, Duration.ZERO);
        components.loop("health topic", sampling::publishOnce, Duration.ZERO);
        components.loop("health retention", sampling::maintain, RETENTION_EVERY);
        var notifications = components.own(new Notifications(database, fence.host()));
        components.loop("notifications", () -> {
            if (notifications.await(Duration.ofSeconds(2))) {
                executor.wakeAll();
            }
        }, Duration.ZERO);
        components.own((AutoCloseable) notifications::end);
        var consumer = components.own(new CommandConsumer(kafka, topics.name("commands"),
                settings.topics().prefix() + "workers", fence.host().value(), intake,
                meters));
        components.loop("intake", () -> {
            try {
                intake.runOnce(consumer);
            } catch (CommandConsumer.Fenced e) {
                throw new Loop.Fatal(e.getMessage());
            }
        }, Duration.ZERO);
    }

    private void end(Throwable cause) {
        // Each loop finds out.
        if (ended.completeExceptionally(cause)) {
            LOG.error("this worker stops: {}", cause.getMessage());
        }
    }

    /** Which Dockworker this is. */
    public static String version() {
        return Version.VALUE;
    }

    /** The port that HTTP listens on. */
    public int httpPort() {
        return http.port();
    }

    /** Where HTTP answers clients on this machine. */
    public String httpUrl() {
        return http.url();
    }

    /** Ends exceptionally when this worker must not go on. */
    public CompletableFuture<Void> ended() {
        return ended;
    }

    /** Whatever was closed before has used some of it. */
    private Duration graceLeft() {
        Duration used = Duration.ofNanos(System.nanoTime() - closingSince);
        return used.compareTo(GRACE) < 0 ? GRACE.minus(used) : Duration.ZERO;
    }

    /** Takes nothing new, gives what is under way some seconds, and leaves the rest to be settled by the next worker. */
    @Override
    public void close() {
        closingSince = System.nanoTime();
        if (status.state(Readiness.State.ENDING) != Readiness.State.STARTING) {
            LOG.info("ending: nothing new is begun, what is under way gets {} s", GRACE.toSeconds());
        }
        components.close();
        ended.complete(null);
    }
}
