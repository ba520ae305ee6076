package io.dockworker.health;

import io.dockworker.command.ContainerId;
import io.dockworker.command.ContainerSnapshot;
import io.dockworker.command.ContainerStatus;
import io.dockworker.command.HealthSample;
import io.dockworker.health.StatsSource.HostCapacity;
import io.dockworker.health.StatsSource.Usage;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Samples every managed container of a host once each interval, and one that has just started or ended at once: turns
 * come more often than the interval. A CPU figure needs two readings, and those of a new container are made in one turn.
 */
public final class Sampler {
    /** How often {@link #runOnce} is to be called for the first sample to come within two seconds of a start. */
    public static final Duration TURN = Duration.ofMillis(500);
    /** The counter's steps are coarse; readings closer than this say nothing. */
    private static final long MIN_SPAN_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final SampledHost host;
    private final StatsSource stats;
    private final Consumer<List<HealthSample>> sink;
    private final InstantSource clock;
    private final Duration interval;
    private final SampleMaker maker;
    private final Pause pause;
    private final Map<ContainerId, Tracked> tracked = new ConcurrentHashMap<>();
    private volatile Map<ContainerStatus, Long> counts = Map.of();
    private final Timer sweeps;
    private final Counter unreadable;
    private Instant nextSweep = Instant.MIN;

    /** Lets time pass between two readings where somebody waits for the sample. */
    interface Pause {
        void take() throws InterruptedException;
    }

    /** One run of a container, from a start to an end; its counters begin at zero with it. */
    private record Lifetime(boolean process, Optional<Instant> startedAt) {
        static Lifetime of(ContainerSnapshot container) {
            return new Lifetime(container.hasProcess(), container.startedAt());
        }
    }

    /**
     * What is kept of a container between two turns.
     *
     * @param due    whether it still waits for its sample of this sweep
     * @param missed whether it could not be read the last time
     */
    private record Tracked(Lifetime lifetime, Optional<Usage> baseline, Judge.Levels levels,
            Optional<HealthSample> latest, boolean due, boolean missed) {
        /** Whether it was read for the first time only, or too soon after the last. */
        boolean waitsForAnotherReading() {
            return due && baseline.isPresent() && !missed;
        }

        Tracked from(Usage usage) {
            return new Tracked(lifetime, Optional.of(usage), levels, latest, due, false);
        }

        Tracked unread() {
            return new Tracked(lifetime, baseline, levels, latest, due, true);
        }

        Tracked sampled(SampleMaker.Made made, Optional<Usage> usage) {
            return new Tracked(lifetime, usage, made.levels(), Optional.of(made.sample()), false, false);
        }
    }

    /** @param sink takes the samples of each turn and must not wait for anything: see {@link SampleQueue} */
    public Sampler(SampledHost host, Duration interval, Thresholds thresholds, StatsSource stats,
            Consumer<List<HealthSample>> sink, InstantSource clock, MeterRegistry meters) {
        this(host, interval, thresholds, stats, sink, clock, meters, () -> Thread.sleep(250));
    }

    Sampler(SampledHost host, Duration interval, Thresholds thresholds, StatsSource stats,
            Consumer<List<HealthSample>> sink, InstantSource clock, MeterRegistry meters, Pause pause) {
        this.host = host;
        this.stats = stats;
        this.sink = sink;
        this.clock = clock;
        this.interval = interval;
        this.maker = new SampleMaker(host.id(), interval, new Judge(thresholds));
        this.pause = pause;
        sweeps = Timer.builder("dockworker.sweep.duration")
                .description("Time to read and judge the containers of a turn")
                .register(meters);
        unreadable = SampleQueue.samples(meters, "unreadable");
        for (ContainerStatus status : ContainerStatus.values()) {
            Gauge.builder("dockworker.containers", () -> counts.getOrDefault(status, 0L))
                    .tag("status", status.toString())
                    .description("Managed containers by Docker's state").register(meters);
        }
    }

    /**
     * Samples what is due.
     *
     * @return how many samples were taken
     */
    public int runOnce() throws InterruptedException {
        List<ContainerSnapshot> containers = host.containers().stream().filter(ContainerSnapshot::isManaged).toList();
        count(containers);
        List<ContainerSnapshot> due = due(containers);
        if (due.isEmpty()) {
            return 0;
        }
        long began = System.nanoTime();
        int taken = sample(due);
        long spent = System.nanoTime() - began;
        List<ContainerSnapshot> begun = due.stream()
                .filter(container -> tracked.get(container.id()).waitsForAnotherReading()).toList();
        if (!begun.isEmpty()) {
            pause.take();
            began = System.nanoTime();
            taken += sample(begun);
            spent += System.nanoTime() - began;
        }
        sweeps.record(spent, TimeUnit.NANOSECONDS);
        return taken;
    }

    private int sample(List<ContainerSnapshot> due) {
        Map<ContainerId, Usage> readings = stats.read(due.stream().filter(ContainerSnapshot::hasProcess).toList());
        HostCapacity capacity = host.capacity();
        Instant at = clock.instant().truncatedTo(ChronoUnit.MILLIS);
        List<HealthSample> samples = new ArrayList<>(due.size());
        for (ContainerSnapshot container : due) {
            sample(container, Optional.ofNullable(readings.get(container.id())), capacity, at).ifPresent(samples::add);
        }
        if (!samples.isEmpty()) {
            sink.accept(List.copyOf(samples));
        }
        return samples.size();
    }

    /** The latest sample of a container since its latest start or end; empty before the first. */
    public Optional<HealthSample> latest(ContainerSnapshot container) {
        return known(container).flatMap(Tracked::latest);
    }

    private Optional<Tracked> known(ContainerSnapshot container) {
        return Optional.ofNullable(tracked.get(container.id()))
                .filter(known -> known.lifetime().equals(Lifetime.of(container)));
    }

    /**
     * Takes a sample for one who waits, in about 250 ms; it is neither kept nor published.
     *
     * @return empty if the container cannot be read, as when it has just ended
     */
    public Optional<HealthSample> sampleNow(ContainerSnapshot container) throws InterruptedException {
        if (!container.hasProcess()) {
            return Optional.of(maker.idle(container, host.capacity(), now()).sample());
        }
        Optional<Tracked> known = known(container);
        Optional<Usage> before = Optional.ofNullable(stats.read(List.of(container)).get(container.id()));
        if (before.isEmpty()) {
            return Optional.empty();
        }
        pause.take();
        Usage after = stats.read(List.of(container)).get(container.id());
        return Optional.ofNullable(after).filter(usage -> comparable(before.get(), usage))
                .map(usage -> maker.running(container, host.capacity(), before.get(), usage,
                        known.map(Tracked::levels).orElse(Judge.Levels.OK), now()).sample());
    }

    private List<ContainerSnapshot> due(Collection<ContainerSnapshot> containers) {
        Instant now = clock.instant();
        boolean sweep = !now.isBefore(nextSweep);
        if (sweep) {
            // Kept in step, unless so late that the next would follow at once; a clock set back must not silence it.
            Instant inStep = nextSweep.equals(Instant.MIN) ? now : nextSweep.plus(interval);
            nextSweep = inStep.isAfter(now) ? inStep : now.plus(interval);
        } else if (nextSweep.isAfter(now.plus(interval))) {
            nextSweep = now.plus(interval);
        }
        Set<ContainerId> present = new HashSet<>();
        List<ContainerSnapshot> due = new ArrayList<>();
        for (ContainerSnapshot container : containers) {
            present.add(container.id());
            var lifetime = Lifetime.of(container);
            Tracked known = tracked.get(container.id());
            if (known == null || !known.lifetime().equals(lifetime)) {
                known = new Tracked(lifetime, Optional.empty(), Judge.Levels.OK, Optional.empty(), true, false);
                tracked.put(container.id(), known);
            } else if (sweep && !known.due()) {
                known = new Tracked(lifetime, known.baseline(), known.levels(), known.latest(), true,
                        known.missed());
                tracked.put(container.id(), known);
            }
            if (known.due()) {
                due.add(container);
            }
        }
        tracked.keySet().retainAll(present);
        return due;
    }

    private Optional<HealthSample> sample(ContainerSnapshot container, Optional<Usage> reading, HostCapacity capacity,
            Instant at) {
        Tracked known = tracked.get(container.id());
        if (!container.hasProcess()) {
            return Optional.of(keep(container, known.sampled(maker.idle(container, capacity, at), Optional.empty())));
        }
        if (reading.isEmpty()) {
            // Once is no wonder: one that has just ended, whose record follows.
            if (known.missed()) {
                unreadable.increment();
            }
            tracked.put(container.id(), known.unread());
            return Optional.empty();
        }
        Usage now = reading.get();
        if (known.baseline().isEmpty() || now.cpuNanos() < known.baseline().get().cpuNanos()) {
            tracked.put(container.id(), known.from(now));
            return Optional.empty();
        }
        Usage before = known.baseline().get();
        return comparable(before, now)
                ? Optional.of(keep(container,
                        known.sampled(maker.running(container, capacity, before, now, known.levels(), at), reading)))
                : Optional.empty();
    }

    private HealthSample keep(ContainerSnapshot container, Tracked sampled) {
        tracked.put(container.id(), sampled);
        return sampled.latest().orElseThrow();
    }

    private static boolean comparable(Usage before, Usage after) {
        return after.readAtNanos() - before.readAtNanos() >= MIN_SPAN_NANOS && after.cpuNanos() >= before.cpuNanos();
    }

    private void count(List<ContainerSnapshot> containers) {
        Map<ContainerStatus, Long> sums = new EnumMap<>(ContainerStatus.class);
        containers.forEach(container -> sums.merge(container.status(), 1L, Long::sum));
        counts = sums;
    }

    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MILLIS);
    }
}
