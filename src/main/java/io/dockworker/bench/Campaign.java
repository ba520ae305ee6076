package io.dockworker.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.dockworker.bench.audit.Auditor;
import io.dockworker.bench.audit.EngineSocket;
import io.dockworker.bench.naive.NaiveWorker;
import io.dockworker.kafka.TopicAdmin;
import io.dockworker.kafka.TopicCatalog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Properties;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Kills a worker again and again while it works, each time starts another, lets all commands end after the last kill, and
 * has it audited what has become of them.
 */
public final class Campaign {
    private static final JsonMapper JSON = new JsonMapper();
    private static final int LANES = 6;
    private static final Duration EVENT_PATIENCE = Duration.ofSeconds(10);
    private static final Duration RECOVERY_PATIENCE = Duration.ofSeconds(60);
    /** Longer than it takes to find a settled state after any one crash. */
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    /** What would come late, comes within this. */
    private static final Duration AFTERMATH = Duration.ofSeconds(3);
    private static final String PREFIX = "chaos.";

    /**
     * What to do.
     *
     * @param naive     not Dockworker's worker, but one without any protocol
     * @param engine    its socket
     * @param image     of all containers, which has a shell
     * @param socket    a new one, between the worker and the engine
     * @param directory for evidence and logs
     */
    public record Plan(long seed, int kills, boolean naive, Path engine, String image, String bootstrapServers,
            String postgresUrl, Path lockDirectory, Path socket, Path directory) {
        private String label() {
            return "managed-by=" + image;
        }

        private EngineSocket asked() {
            return new EngineSocket(engine);
        }
    }

    /** A worker does not get ready, or ends by itself; the message has its last words. */
    public static final class WorkerFailed extends IOException {
        private static final long serialVersionUID = 1L;

        WorkerFailed(String message) {
            super(message);
        }
    }

    private final Plan plan;
    private final Consumer<String> progress;
    private final Path proxySocket;
    private final Path calls;
    private final Path ledger;
    private final KillPlan moments;
    private int workers;
    private WorkerProcess worker;

    private Campaign(Plan plan, Consumer<String> progress) throws IOException {
        this.plan = plan;
        this.progress = progress;
        proxySocket = plan.socket();
        calls = plan.directory().resolve("calls.jsonl");
        ledger = Files.createDirectories(plan.directory().resolve("ledger"));
        moments = new KillPlan(plan.seed());
    }

    /**
     * Runs it, and leaves no container of the image behind.
     *
     * @param progress gets a line for each kill
     * @return the auditor's report
     * @throws WorkerFailed if there was no worker to be killed
     */
    public static JsonNode run(Plan plan, Consumer<String> progress) throws IOException, InterruptedException {
        var campaign = new Campaign(plan, progress);
        var leftovers = new Leftovers(plan.asked(), plan.label());
        leftovers.remove();
        try (EngineProxy proxy = EngineProxy.start(campaign.proxySocket, plan.engine(), campaign.calls)) {
            JsonNode report = campaign.run(proxy);
            leftovers.remove();
            return report;
        } catch (IOException | InterruptedException | RuntimeException e) {
            try {
                leftovers.remove();
            } catch (IOException more) {
                e.addSuppressed(more);
            }
            throw e;
        }
    }

    private JsonNode run(EngineProxy proxy) throws IOException, InterruptedException {
        Properties client = new Properties();
        client.put("bootstrap.servers", plan.bootstrapServers());
        new TopicAdmin(client, TopicCatalog.load(PREFIX), OptionalInt.of(1)).ensure(true);
        var mix = new CommandMix(plan.seed(), LANES, plan.image(), ledger);
        try (EventWatch events = EventWatch.open(plan.asked(), plan.label());
                Load load = new Load(mix, plan.seed(), client, PREFIX)) {
            for (int kill = 1; kill <= plan.kills(); kill++) {
                load.check();
                startWorker();
                String moment = kill(moments.next(), events, load);
                progress.accept(String.format(Locale.ROOT, "kill %d of %d  %-18s %4.1f s old   %d commands, %d results",
                        kill, plan.kills(), moment, worker.age().toMillis() / 1e3, load.sent(), load.answered()));
            }
            startWorker();
            worker.awaitReady();
            progress.accept("the last worker is up: waiting until all commands have ended");
            int open = load.finish(PATIENCE);
            if (open > 0) {
                progress.accept(
                        open + " commands have no result, and none has come for " + PATIENCE.toMinutes() + " min");
            }
            Thread.sleep(AFTERMATH);
            worker.check();
            worker.end();
            proxy.noteUnanswered();
            return audit();
        } finally {
            if (worker != null) {
                worker.kill();
            }
        }
    }

    private void startWorker() throws IOException {
        Path log = plan.directory().resolve("worker-" + ++workers + ".log");
        worker = plan.naive()
                ? WorkerProcess.start(NaiveWorker.class.getName(),
                        List.of(plan.bootstrapServers(), PREFIX, proxySocket.toString()), Map.of(), log)
                : WorkerProcess.start("io.dockworker.Main", List.of("run", "--kafka-bootstrap-servers",
                        plan.bootstrapServers(), "--topic-prefix", PREFIX, "--docker-host", "unix://" + proxySocket,
                        "--lock-dir", plan.lockDirectory().toString(), "--http-port", "0", "--host-heartbeat-seconds",
                        "1"), Map.of("POSTGRES_URL", plan.postgresUrl()), log);
    }

    /** @return in words, when that was */
    private String kill(KillPlan.Moment moment, EventWatch events, Load load)
            throws IOException, InterruptedException {
        Set<String> open = load.open();
        String words = switch (moment) {
            case KillPlan.Moment.Starting(Duration after) -> {
                Thread.sleep(after);
                yield "starting";
            }
            case KillPlan.Moment.Working(Duration after) -> {
                worker.awaitReady();
                Thread.sleep(after);
                yield "working";
            }
            case KillPlan.Moment.Recovered(Duration after) -> {
                worker.awaitReady();
                boolean recovered = load.awaitEnd(open, RECOVERY_PATIENCE);
                Thread.sleep(recovered ? after : Duration.ZERO);
                yield recovered ? "recovered" : "recovering";
            }
            case KillPlan.Moment.AtEvent(String action, Duration after) -> {
                worker.awaitReady();
                boolean came = events.await(action, EVENT_PATIENCE);
                Thread.sleep(came ? after : Duration.ZERO);
                yield came
                        ? "at a " + action + (after.isZero() ? "" : " + " + after.toMillis() + " ms")
                        : "no " + action;
            }
        };
        worker.check();
        worker.kill();
        return words;
    }

    /** In a process that shares nothing with this one but what is on disk, on the broker and on the engine. */
    private JsonNode audit() throws IOException, InterruptedException {
        progress.accept("auditing");
        Path report = plan.directory().resolve("report.json");
        Path log = plan.directory().resolve("auditor.log");
        Process auditor = new ProcessBuilder(WorkerProcess.java(Auditor.class.getName(), "1g",
                List.of(plan.bootstrapServers(), PREFIX, plan.engine().toString(), plan.label(), calls.toString(),
                        ledger.resolve("runs").toString(), report.toString())))
                .redirectErrorStream(true).redirectOutput(log.toFile()).start();
        try {
            auditor.waitFor();
        } finally {
            auditor.destroyForcibly();
        }
        if (!Files.exists(report)) {
            throw new IOException("the auditor failed: " + Files.readString(log).strip());
        }
        return JSON.readTree(report.toFile());
    }
}
