package io.dockworker.cli;

import io.dockworker.Worker;
import io.dockworker.command.ContainerSnapshot;
import io.dockworker.docker.DockerEngine;
import io.dockworker.docker.EngineInfo;
import io.dockworker.health.CgroupStats;
import io.dockworker.health.LocalHost;
import io.dockworker.journal.Containers;
import io.dockworker.journal.Hosts;
import io.dockworker.kafka.TopicAdmin;
import io.dockworker.kafka.TopicDifference;
import io.dockworker.observation.EngineView;
import io.dockworker.postgres.Database;
import io.dockworker.settings.Settings;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** Looks at one dependency after the other; what hangs on another that is away is left out. */
final class Examination {
    /** Clocks that differ by more make events and expiry times confusing, and by far more, wrong. */
    private static final Duration CLOCKS_WARN = Duration.ofSeconds(1);
    private static final Duration CLOCKS_FAIL = Duration.ofSeconds(30);

    private final Settings settings;
    private final InstantSource clock = InstantSource.system();
    private final List<Finding> findings = new ArrayList<>();
    private boolean lockIsAlone;

    Examination(Settings settings) {
        this.settings = settings;
    }

    List<Finding> run() throws InterruptedException {
        Optional<EngineInfo> engine = engine();
        postgres(engine);
        kafka();
        lockDirectory();
        return findings;
    }

    private Optional<EngineInfo> engine() {
        try (DockerEngine engine = Worker.connect(settings, new SimpleMeterRegistry())) {
            EngineInfo info = engine.info();
            findings.add(Finding.ok("docker", "engine " + info.version() + ", API " + info.apiVersion() + ", at "
                    + settings.docker().host()));
            cgroups(engine);
            disk(info);
            lockIsAlone = settings.docker().isSocket() && engine.isOwnContainersAlone(settings.host().lockDirectory());
            return Optional.of(info);
        } catch (IOException e) {
            findings.add(Finding.failed("docker", e.getMessage(), settings.docker().isSocket()
                    ? "start it (sudo systemctl start docker), open its socket to you (sudo usermod -aG docker $USER), "
                            + "or set DOCKER_HOST"
                    : "start it there, or mend DOCKER_HOST and DOCKER_CERT_PATH"));
        } catch (Worker.Refused e) {
            findings.add(
                    Finding.failed("docker", e.getMessage(), "put the three files there, or mend DOCKER_CERT_PATH"));
        }
        return Optional.empty();
    }

    private void cgroups(DockerEngine engine) {
        if (!settings.docker().isSocket()) {
            findings.add(Finding.ok("cgroups", "not needed: a remote engine is asked for its numbers"));
            return;
        }
        Path where = settings.health().cgroupDirectory();
        Optional<CgroupStats> stats = CgroupStats.at(settings.health().cgroupDirectory(),
                settings.health().procDirectory());
        EngineView view = engine.view();
        List<ContainerSnapshot> running = view.look(view.list().orElse(Set.of())).values().stream()
                .flatMap(Optional::stream).filter(ContainerSnapshot::isUp).toList();
        String mend = "mount the host's there (in a container: -v /sys/fs/cgroup:" + where + ":ro); "
                + "until then the engine is asked, which costs it more";
        if (stats.isEmpty()) {
            findings.add(Finding.warning("cgroups", "none are mounted at " + where, mend));
        } else if (!running.isEmpty() && !stats.get().usable(running)) {
            findings.add(Finding.warning("cgroups", "those at " + where + " do not have this engine's containers",
                    mend));
        } else {
            findings.add(Finding.ok("cgroups", running.isEmpty()
                    ? "mounted; no managed container runs that could be read"
                    : "readable for " + running.size() + " running containers"));
        }
    }

    private void disk(EngineInfo info) {
        if (!settings.docker().isSocket()) {
            return;
        }
        Optional<Double> used = new LocalHost(settings.health().procDirectory(), Optional.of(info.dataDirectory()))
                .get().diskUsedPercent();
        if (used.isEmpty()) {
            findings.add(Finding.warning("disk", info.dataDirectory() + ", the engine's data, cannot be seen from here",
                    "in a container, mount it: -v " + info.dataDirectory() + ":" + info.dataDirectory() + ":ro"));
            return;
        }
        String detail = String.format(Locale.ROOT, "%.0f %% used where the engine has its data (%s)", used.get(),
                info.dataDirectory());
        boolean full = used.get() >= settings.health().disk().warningPercent();
        findings.add(full
                ? Finding.warning("disk", detail, "make room: docker system prune, or a larger disk")
                : Finding.ok("disk", detail));
    }

    private void postgres(Optional<EngineInfo> engine) {
        String where = settings.postgres().redacted();
        try (Database database = Client.database(settings)) {
            Optional<String> complaint = database.complaint();
            if (complaint.isPresent()) {
                findings.add(Finding.failed("postgres", where + ": " + complaint.get(),
                        "start it (./dockworker up or services, on this machine), or mend POSTGRES_URL"));
                return;
            }
            boolean schema = database.hasSchema();
            findings.add(Finding.ok("postgres",
                    "answers at " + where + (schema ? "" : "; empty, the first worker makes the tables")));
            clocks(database);
            if (schema && engine.isPresent()) {
                worker(new Hosts(database.jdbi()).ofEngine(engine.get().id()));
            }
        } catch (RuntimeException e) {
            findings.add(Finding.failed("postgres", where + ": " + e.getMessage(), "mend POSTGRES_URL"));
        }
    }

    private void worker(Optional<Hosts.Registered> registered) {
        findings.add(registered.filter(Hosts.Registered::live)
                .map(host -> Finding.ok("worker",
                        "host " + host.host() + " owns this engine, last heard of " + Times.shown(host.heartbeatAt())))
                .orElseGet(() -> Finding.warning("worker", "none is at work on this engine",
                        "./dockworker run (or up), or commands only wait")));
    }

    private void clocks(Database database) {
        Instant before = clock.instant();
        Instant there = new Containers(database.jdbi()).now();
        Instant after = clock.instant();
        // Its answer was made at some moment between the two.
        Duration off = there.isBefore(before)
                ? Duration.between(there, before)
                : there.isAfter(after) ? Duration.between(after, there) : Duration.ZERO;
        String detail = "this machine's and PostgreSQL's differ by " + off.toMillis() + " ms";
        String mend = "let both follow a time server (chrony, systemd-timesyncd)";
        if (off.compareTo(CLOCKS_FAIL) > 0) {
            findings.add(Finding.failed("clock", detail, mend));
        } else if (off.compareTo(CLOCKS_WARN) > 0) {
            findings.add(Finding.warning("clock", detail, mend));
        } else {
            findings.add(Finding.ok("clock", detail));
        }
    }

    private void kafka() throws InterruptedException {
        String where = settings.kafka().bootstrapServers();
        TopicAdmin.Report report;
        try {
            report = TopicsVerb.admin(settings).ensure(false);
        } catch (Exit.Because e) {
            findings.add(Finding.failed("kafka", e.getMessage(),
                    "start it (./dockworker up or services, on this machine), or mend KAFKA_BOOTSTRAP_SERVERS"));
            return;
        }
        if (report.error().isPresent()) {
            findings.add(Finding.failed("kafka", where + ": " + report.error().get(),
                    "mend the KAFKA_… settings, or what this user may do on the broker"));
            return;
        }
        findings.add(Finding.ok("kafka", "answers at " + where));
        if (!report.missing().isEmpty()) {
            String missing = "missing: " + String.join(", ", report.missing());
            findings.add(settings.topics().create()
                    ? Finding.warning("topics", missing, "the first worker makes them, or ./dockworker topics apply")
                    : Finding.failed("topics", missing, "./dockworker topics apply, or TOPICS_CREATE=true"));
        } else if (!report.differences().isEmpty()) {
            findings.add(Finding.warning("topics", String.join("; ",
                    report.differences().stream().map(TopicDifference::sentence).toList()),
                    "./dockworker topics apply"));
        } else {
            findings.add(Finding.ok("topics", "all there, and as their files say"));
        }
    }

    private void lockDirectory() {
        if (!settings.docker().isSocket()) {
            findings.add(Finding.warning("lock", "an engine over TCP cannot be locked",
                    "see to it that no second worker uses it"));
            return;
        }
        Path directory = settings.host().lockDirectory();
        Path there = directory;
        while (there != null && !Files.exists(there)) {
            there = there.getParent();
        }
        if (there == null || !Files.isDirectory(there) || !Files.isWritable(there)) {
            findings.add(Finding.failed("lock", directory + " cannot be written to",
                    "sudo install -d -o $USER " + directory + ", or set LOCK_DIR, the same for all workers here"));
        } else if (lockIsAlone) {
            findings.add(Finding.failed("lock", directory + " is inside this container, where no other worker sees it",
                    "mount a directory of the host there: -v /var/lib/dockworker:" + directory));
        } else {
            findings.add(Finding.ok("lock", directory + (there.equals(directory) ? "" : ", made at the first start")));
        }
    }
}
