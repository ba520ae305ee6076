package io.dockworker;

import io.dockworker.command.InvalidValue;
import io.dockworker.docker.ContainerLogs;
import io.dockworker.docker.DockerConnection;
import io.dockworker.docker.DockerEngine;
import io.dockworker.docker.EngineAway;
import io.dockworker.docker.EngineInfo;
import io.dockworker.execution.Checkpoint;
import io.dockworker.execution.LaneExecutor;
import io.dockworker.fleet.Heartbeat;
import io.dockworker.fleet.LostHosts;
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
import io.dockworker.journal.Inbox;
import io.dockworker.journal.LostWork;
import io.dockworker.journal.ManagedContainer;
import io.dockworker.journal.Notifications;
import io.dockworker.journal.Observations;
import io.dockworker.journal.Outbox;
import io.dockworker.journal.Retention;
import io.dockworker.journal.WorkQueue;
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
import io.dockworker.postgres.PostgresAddress;
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
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One worker: everything wired together by hand, in order, and closed in reverse, even when half-built.
 */
public final class Worker implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Worker.class);
    private static final Duration GRACE = Duration.ofSeconds(7);
    private static final Duration STREAM_AGAIN = Duration.ofMillis(500);
    private static final Duration FOR_EVER = Duration.ofDays(36_500);
    private static final Duration PROBE_EVERY = Duration.ofSeconds(2);
    static final Duration STATUS_EVERY = Duration.ofMillis(500);
    private static final Duration RETENTION_EVERY = Duration.ofMinutes(10);

    private final Settings settings;
    private final How how;
    private final Checkpoint checkpoint;
    private final Deque<AutoCloseable> opened = new ArrayDeque<>();
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private final PrometheusMeterRegistry meters = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final Status status = new Status();
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
        try {
            return DockerEngine.connect(new DockerConnection(settings.docker().host(), settings.docker().tls()),
                    settings.docker().secretDirectory(),
                    meters);
        } catch (IllegalArgumentException e) {
            throw new Refused("DOCKER_CERT_PATH: " + e.getMessage());
        }
    }

    private static PostgresAddress address(Settings settings) throws Refused {
        try {
            return PostgresAddress.parse(settings.postgres().value());
        } catch (InvalidValue e) {
            throw new Refused("POSTGRES_URL: " + e.getMessage());
        }
    }

    private void open() throws Refused, IOException, InterruptedException {
        meters.config().meterFilter(ClientMeters.few(settings.topics().prefix()));
        Meters.bindRuntime(meters);
        var engine = own(connect(settings, meters));
        var database = own(new Database(address(settings), meters));
        Properties kafka = new Properties();
        kafka.putAll(settings.kafka().properties());
        kafka.put("bootstrap.servers", settings.kafka().bootstrapServers());
        var topics = TopicCatalog.load(settings.topics().prefix());
        var publisher = own(new Publisher(kafka, Duration.ofSeconds(10), meters));
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

        EngineInfo info = until("docker", () -> {
            try {
                return engine.info();
            } catch (EngineAway e) {
                throw new IllegalStateException(e.getMessage(), e);
            }
        });
        until("postgres", () -> {
            database.migrate();
            return true;
        });
        var hosts = new Hosts(database.jdbi());
        var ownership = own(Ownership.take(settings, how.takeOver(), engine, info, hosts, new Waiting(status)));
        Fence fence = ownership.fence();
        if (http == null) {
            listen(parts);
        }
        TopicAdmin.Report found = until("kafka", () -> ensureTopics(settings, kafka, topics));
        var broker = own(new BrokerProbe(kafka));
        status.watch("kafka", broker::answers);
        status.watch("docker", () -> engineAnswers(engine));
        status.watch("postgres", database::answers);
        loop("status", status::lookOnce, STATUS_EVERY);
        // With nothing to publish nobody would notice that it is gone: its client goes on trying in silence.
        loop("kafka", () -> broker.complaint().ifPresent(why -> {
            throw new BrokerAway(why);
        }), PROBE_EVERY);
        run(new Parts(engine, info, database, hosts, ownership, kafka, topics, commandRetention(found, topics),
                containers, sampling));
        status.state(Readiness.State.READY);
        LOG.info("host {} is ready: engine {} (API {}), epoch {}, http port {}", fence.host(), info.version(),
                info.apiVersion(), fence.epoch(), http.port());
    }

    private void listen(HttpParts parts) throws IOException {
        http = own(HttpInterface.start(new Listening(settings.http().host(), settings.http().port(), how.movePort(),
                settings.http().token().map(Secret::value)), parts));
    }

    /** What the loops are made of. */
    private record Parts(DockerEngine engine, EngineInfo info, Database database, Hosts hosts, Ownership ownership,
            Properties kafka, TopicCatalog topics, Duration commandRetention, Containers containers,
            AtomicReference<Sampling> sampling) {}

    static TopicAdmin.Report ensureTopics(Settings settings, Properties kafka, TopicCatalog topics)
            throws InterruptedException {
        Map<String, Object> admin = new HashMap<>();
        kafka.forEach((name, value) -> admin.put((String) name, value));
        TopicAdmin.Report report = new TopicAdmin(admin, topics, settings.topics().replicationFactor())
                .ensure(settings.topics().create());
        report.differences().forEach(difference -> LOG.warn("topics: {}", difference.sentence()));
        if (!report.isComplete()) {
            throw new IllegalStateException(
                    report.error().orElseGet(() -> "topics are missing: " + report.missing()));
        }
        return report;
    }

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

    static boolean engineAnswers(DockerEngine engine) {
        try {
            engine.ping();
            return true;
        } catch (EngineAway _) {
            return false;
        }
    }

    private void run(Parts parts) throws InterruptedException {
        Fence fence = parts.ownership().fence();
        var queue = new WorkQueue(parts.database().jdbi(), fence);
        var outbox = new Outbox(parts.database().jdbi(), fence);
        String relayId = settings.topics().prefix() + "relay." + fence.host();
        var relay = own(new Relay(outbox,
                () -> new TransactionalPublisher(parts.kafka(), relayId, parts.topics().name("results"),
                        meters),
                settings.topics().prefix(), fence.host(), meters));
        var executor = new LaneExecutor(queue, parts.engine(), meters, InstantSource.system(), checkpoint,
                relay::wake);
        var inbox = new Inbox(parts.database().jdbi(), fence);
        var intake = new Intake(parts.topics().name("commands"), inbox, meters, lanes -> {
            executor.wake(lanes);
            relay.wake();
        });
        status.gaps(intake::gaps);
        Meters.bindJournal(meters, queue, outbox, status);
        var observer = new Observer(new EngineOfObservation(parts.engine()), parts.engine().events(),
                parts.containers(), new Observations(parts.database().jdbi()), fence, meters);
        // Before anything is executed: containers that outlived their records must be known to their lanes.
        until("docker", () -> {
            if (!observer.relist()) {
                throw new IllegalStateException("the engine did not list its containers");
            }
            return true;
        });

        var telemetry = new Telemetry(own(new FencedPublisher(() -> parts.hosts().confirm(fence),
                () -> new TransactionalPublisher(parts.kafka(),
                        settings.topics().prefix() + "telemetry." + fence.host(), parts.topics().name("health"),
                        meters))),
                settings.topics().prefix());
        var description = new HostDescription(settings, parts.info(), fence, telemetry);
        var beat = new Heartbeat(() -> parts.hosts().beat(fence, description.json()), settings.host().heartbeat(),
                System::nanoTime);
        loop("heartbeat", beat::runOnce, settings.host().heartbeat());
        // Apart: Kafka, when it is away, must not make a live worker look lost.
        loop("hosts topic", description::publish, settings.host().heartbeat());
        loop("lost hosts", new LostHosts(beat, new LostWork(parts.database().jdbi(), fence))::runOnce,
                settings.host().heartbeat());
        loop("relay", () -> {
            try {
                relay.runOnce();
            } catch (Outbox.Regressed e) {
                throw new Loop.Fatal(e.getMessage());
            }
        }, Duration.ZERO);
        // The next two end first: then this worker acts on its engine no more, however long the rest takes to end.
        own((AutoCloseable) parts.ownership()::release);
        loop("journal", executor::commitOnce, Duration.ZERO);
        own((AutoCloseable) () -> executor.close(graceLeft()));
        loop("lanes", executor::runOnce, Duration.ZERO);
        loop("engine events", observer::readOnce, STREAM_AGAIN);
        loop("observation", observer::runOnce, Duration.ZERO);
        var retention = new Retention(parts.database().jdbi(), fence, parts.commandRetention(),
                Duration.ofDays(settings.eventRetentionDays()));
        loop("retention", () -> {
            while (retention.runOnce()) {
                Thread.onSpinWait();
            }
        }, RETENTION_EVERY);
        parts.engine().onPullProgress(new PullTopic(telemetry, fence.host(), InstantSource.system()));
        var sampling = new Sampling(settings, parts.engine(), parts.info(),
                () -> parts.containers().ofHost(fence.host()).stream().map(ManagedContainer::container).toList(),
                fence.host(), new HealthStore(parts.database().jdbi(), fence::hold,
                        settings.health().retentionDays(), InstantSource.system()),
                telemetry, meters);
        parts.sampling().set(sampling);
        loop("sampling", sampling::runOnce, Sampling.turn());
        loop("health snapshots", sampling::storeOnce, Sampling.turn());
        loop("health topic", sampling::publishOnce, Sampling.turn());
        loop("health retention", sampling::maintain, RETENTION_EVERY);
        var notifications = own(new Notifications(parts.database(), fence.host()));
        loop("notifications", () -> {
            if (notifications.await(Duration.ofSeconds(2))) {
                executor.wakeAll();
            }
        }, Duration.ZERO);
        var consumer = own(new CommandConsumer(parts.kafka(), parts.topics().name("commands"),
                settings.topics().prefix() + "workers", fence.host().value(), intake,
                meters));
        loop("intake", () -> {
            try {
                intake.runOnce(consumer);
            } catch (CommandConsumer.Fenced e) {
                throw new Loop.Fatal(e.getMessage());
            }
        }, Duration.ZERO);
    }

    private void loop(String name, Loop.Body body, Duration pause) {
        own(new Loop(name, body, pause, status, this::end));
    }

    private void end(Throwable cause) {
        LOG.error("this worker stops: {}", cause.getMessage());
        ended.completeExceptionally(cause);
    }

    private <T extends AutoCloseable> T own(T part) {
        opened.push(part);
        return part;
    }

    private <T> T until(String dependency, Waiting.Try<T> attempt) throws InterruptedException {
        return new Waiting(status).until(dependency, attempt);
    }

    /** Which Dockworker this is. */
    public static String version() {
        return Version.VALUE;
    }

    /** The port that HTTP listens on. */
    public int httpPort() {
        return http.port();
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
        Consumer<AutoCloseable> closing = part -> {
            try {
                part.close();
            } catch (Exception e) {
                LOG.debug("closing {}", part, e);
            }
        };
        List.copyOf(opened).forEach(closing);
        opened.clear();
        ended.complete(null);
    }
}
