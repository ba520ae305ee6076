package io.dockworker;

import io.dockworker.command.ContainerId;
import io.dockworker.command.ContainerSnapshot;
import io.dockworker.command.HealthSample;
import io.dockworker.command.HostId;
import io.dockworker.docker.ApiStatsSource;
import io.dockworker.docker.DockerEngine;
import io.dockworker.docker.EngineInfo;
import io.dockworker.health.CgroupStats;
import io.dockworker.health.HealthStore;
import io.dockworker.health.LocalHost;
import io.dockworker.health.SampleQueue;
import io.dockworker.health.SampledHost;
import io.dockworker.health.Sampler;
import io.dockworker.health.StatsSource;
import io.dockworker.health.Thresholds;
import io.dockworker.journal.ManagedContainer;
import io.dockworker.journal.Unavailable;
import io.dockworker.settings.Settings;
import io.dockworker.wire.HealthEncoder;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** The sampling of one worker: which containers, read how, and where the samples go. */
final class Sampling {
    /** Samples that wait for a destination that is away; above it the oldest are dropped and counted. */
    private static final int MAX_WAITING = 50_000;

    private final Sampler sampler;
    private final HealthStore store;
    private final SampleQueue toPostgres;
    private final SampleQueue toKafka;
    private final KnownContainers known;
    private final Optional<ContainerMeters> shown;
    private Set<ContainerId> shownOnes = Set.of();

    Sampling(Settings settings, DockerEngine engine, EngineInfo info, Supplier<List<ContainerSnapshot>> containers,
            HostId host, HealthStore store, Telemetry telemetry, MeterRegistry meters) {
        InstantSource clock = InstantSource.system();
        shown = settings.metricsPerContainer() ? Optional.of(new ContainerMeters(meters)) : Optional.empty();
        boolean local = settings.docker().isSocket();
        known = new KnownContainers(host, containers,
                new LocalHost(settings.health().procDirectory(),
                        local ? Optional.of(info.dataDirectory()) : Optional.empty()));
        Gauge.builder("dockworker.host.disk.used.ratio",
                () -> known.capacity().diskUsedPercent().map(percent -> percent / 100).orElse(Double.NaN))
                .description("Used of the filesystem with Docker's data").strongReference(true).register(meters);
        this.store = store;
        toPostgres = new SampleQueue("stored", MAX_WAITING, store, meters);
        var encoder = new HealthEncoder();
        toKafka = new SampleQueue("published", MAX_WAITING,
                samples -> telemetry.publish(samples.stream().map(encoder::encode).toList()), meters);
        sampler = new Sampler(known, settings.health().interval(), thresholds(settings.health()),
                source(engine, settings.health(), local), samples -> {
                    toPostgres.accept(samples);
                    toKafka.accept(samples);
                }, clock, meters);
    }

    /** The kernel's own counters where they can be seen, for they cost the engine nothing; else the engine's. */
    private static StatsSource source(DockerEngine engine, Settings.Health health, boolean local) {
        var api = new ApiStatsSource(engine);
        return local
                ? CgroupStats.at(health.cgroupDirectory(), health.procDirectory())
                        .map(cgroups -> cgroups.orElse(api)).orElse(api)
                : api;
    }

    private static Thresholds thresholds(Settings.Health health) {
        return new Thresholds(limits(health.cpu()), limits(health.memory()), limits(health.disk()));
    }

    private static Thresholds.Limits limits(Settings.Thresholds percents) {
        return new Thresholds.Limits(percents.warningPercent(), percents.criticalPercent());
    }

    /** A turn of sampling. */
    void runOnce() throws InterruptedException {
        known.refresh();
        boolean sampled = sampler.runOnce() > 0;
        shown.ifPresent(gauges -> show(gauges, sampled));
    }

    private void show(ContainerMeters gauges, boolean sampled) {
        List<HealthSample> latest = known.containers().stream()
                .flatMap(container -> sampler.latest(container).stream()).toList();
        Set<ContainerId> ids = latest.stream().map(HealthSample::containerId).collect(Collectors.toSet());
        if (sampled || !ids.equals(shownOnes)) {
            gauges.show(latest);
            shownOnes = ids;
        }
    }

    /** Waits for samples to be stored. */
    void storeOnce() throws InterruptedException {
        toPostgres.await(Sampler.TURN);
        toPostgres.runOnce();
    }

    /** Waits for samples to be published. */
    void publishOnce() throws InterruptedException {
        toKafka.await(Sampler.TURN);
        toKafka.runOnce();
    }

    /** Keeps the table's partitions ahead of time, and drops those that are too old. */
    void maintain() {
        store.runOnce();
    }

    HostId host() {
        return known.id();
    }

    /** The latest sample; of a container of this host, if there is none, one taken now. */
    Optional<HealthSample> latest(ManagedContainer managed) {
        ContainerSnapshot container = managed.container();
        if (!managed.host().equals(known.id())) {
            return store.latest(container.id());
        }
        try {
            Optional<HealthSample> latest = sampler.latest(container);
            return latest.isPresent() ? latest : sampler.sampleNow(container);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }

    /** Samples of any host, the latest first. */
    List<HealthSample> history(ContainerId container, Instant from, Instant to, int limit) {
        return store.history(container, from, to, limit);
    }

    /** The containers of this host as they were known last, kept in memory between two turns. */
    private static final class KnownContainers implements SampledHost {
        private final HostId id;
        private final Supplier<List<ContainerSnapshot>> containers;
        private final LocalHost machine;
        private volatile List<ContainerSnapshot> latest = List.of();

        KnownContainers(HostId id, Supplier<List<ContainerSnapshot>> containers, LocalHost machine) {
            this.id = id;
            this.containers = containers;
            this.machine = machine;
        }

        /** While nobody can say, those known last are sampled on. */
        void refresh() {
            try {
                latest = containers.get();
            } catch (Unavailable _) {
                // Said by whoever needs the database for its work.
            }
        }

        @Override
        public HostId id() {
            return id;
        }

        @Override
        public Collection<ContainerSnapshot> containers() {
            return latest;
        }

        @Override
        public StatsSource.HostCapacity capacity() {
            return machine.get();
        }
    }

    static Duration turn() {
        return Sampler.TURN;
    }
}
