package io.dockworker.health;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dockworker.command.ContainerId;
import io.dockworker.command.ContainerSnapshot;
import io.dockworker.command.ContainerState;
import io.dockworker.command.ContainerState.Health;
import io.dockworker.command.ContainerStatus;
import io.dockworker.command.HealthSample;
import io.dockworker.command.HealthSample.Status;
import io.dockworker.command.HostId;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class SamplerTest {
    private static final long GIB = 1L << 30;

    private final World world = new World();
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final List<HealthSample> out = new ArrayList<>();
    private final Sampler sampler = new Sampler(world, Duration.ofSeconds(60), Thresholds.DEFAULT, world, out::addAll,
            () -> world.now, meters, () -> world.pass(Duration.ofMillis(250)));

    @Test
    void firstSampleComesWithTheFirstTurnAndThenOneEachInterval() throws InterruptedException {
        world.add(Containers.running(1), 0.1);
        turn();
        assertEquals(1, out.size());
        assertEquals(world.now.minus(Sampler.TURN), out.getFirst().sampledAt());
        while (out.size() < 4) {
            turn();
        }
        assertEquals(Duration.ofSeconds(60), Duration.between(out.get(1).sampledAt(), out.get(2).sampledAt()));
        assertEquals(Duration.ofSeconds(60), Duration.between(out.get(2).sampledAt(), out.get(3).sampledAt()));
    }

    @Test
    void percentIsOfTheLimitAndWithoutOneOfTheHost() throws InterruptedException {
        world.add(Containers.running(1, "0.5", "1g"), 0.25);
        world.add(Containers.running(2), 0.25);
        world.memory = GIB / 2;
        turn();
        turn();
        HealthSample limited = sampleOf(1);
        assertEquals(50, limited.cpuPercent());
        assertEquals(50, limited.memoryPercent());
        assertEquals(OptionalDouble.of(0.5), limited.cpuLimitCores());
        assertEquals(OptionalLong.of(GIB), limited.memoryLimitBytes());
        HealthSample free = sampleOf(2);
        assertEquals(6.25, free.cpuPercent());
        assertEquals(6.25, free.memoryPercent());
        assertEquals(0.25, free.cpuCores());
        assertEquals(OptionalDouble.of(42.13), free.diskPercent());
    }

    @Test
    void stateBetweenTwoSamplesMakesTheMargin() throws InterruptedException {
        world.add(Containers.running(1, "1", "1g"), 0.81);
        turn();
        turn();
        assertEquals(Status.WARNING, sampleOf(1).status());
        world.cores.put(Containers.id(1), 0.76);
        nextSweep();
        nextSweep();
        assertEquals(Status.WARNING, sampleOf(1).status());
        assertEquals(List.of("CPU at 76.0 % (warning)"), sampleOf(1).reasons());
    }

    @Test
    void containerThatEndsIsSampledAtOnceAndUsesNothing() throws InterruptedException {
        world.add(Containers.running(1, "1", "1g"), 0.9);
        turn();
        turn();
        ContainerSnapshot exited = Containers.with(Containers.id(1), ContainerStatus.EXITED, Containers.STARTED, false,
                Optional.empty(), Optional.empty());
        world.replace(exited);
        assertTrue(sampler.latest(exited).isEmpty(), "what was said of it while it ran is over");
        turn();
        HealthSample ended = sampleOf(1);
        assertEquals(Status.STOPPED, ended.status());
        assertEquals(0, ended.cpuPercent());
        assertEquals(0, ended.memoryPercent());
        assertEquals(List.of(), ended.reasons());
        turn();
        assertEquals(2, out.size());
    }

    @Test
    void containerThatWaitsToBeRestartedIsSampledThoughItHasNoProcess() throws InterruptedException {
        world.add(Containers.running(1, "1", "1g"), 0.9);
        turn();
        turn();
        ContainerSnapshot running = Containers.running(1, "1", "1g");
        world.used.remove(Containers.id(1));
        world.replace(running.with(new ContainerState(ContainerStatus.RESTARTING, running.startedAt(), Optional.empty(),
                3, false, "", 7, Health.NONE)));
        turn();
        HealthSample waiting = sampleOf(1);
        assertEquals(Status.WARNING, waiting.status());
        assertEquals(List.of("it ended with exit code 3 and waits to be restarted"), waiting.reasons());
        assertEquals(0, waiting.cpuPercent() + waiting.memoryPercent() + waiting.memoryBytes());
        assertEquals(7, waiting.restartCount());
        assertEquals(0, counted("unreadable"));
        world.replace(running.with(new ContainerState(ContainerStatus.RESTARTING, Optional.of(world.now),
                Optional.empty(), 137, true, "", 8, Health.NONE)));
        turn();
        assertEquals(Status.CRITICAL, sampleOf(1).status());
    }

    @Test
    void whatTheEngineSaysOfRestartsHealthcheckAndMemoryIsInTheSample() throws InterruptedException {
        ContainerSnapshot container = Containers.running(1, "1", "1g");
        world.add(container.with(new ContainerState(ContainerStatus.RUNNING, container.startedAt(), Optional.empty(),
                0, true, "", 2, Health.UNHEALTHY)), 0.1);
        turn();
        turn();
        HealthSample sample = sampleOf(1);
        assertEquals(Status.CRITICAL, sample.status());
        assertEquals(List.of("a process was killed for lack of memory", "its healthcheck fails"), sample.reasons());
        assertEquals("unhealthy", sample.dockerHealth());
        assertEquals(2, sample.restartCount());
    }

    @Test
    void containerThatAnOomKillEndedIsCritical() throws InterruptedException {
        world.replace(Containers.with(Containers.id(1), ContainerStatus.EXITED, Containers.STARTED, true,
                Optional.empty(), Optional.empty()));
        turn();
        assertEquals(Status.CRITICAL, sampleOf(1).status());
        assertEquals(0, sampleOf(1).cpuPercent() + sampleOf(1).memoryPercent());
        assertEquals(List.of("a process was killed for lack of memory"), sampleOf(1).reasons());
    }

    @Test
    void kernelCountsOomKillsOfWhichTheEngineSaysNothingOrWhatIsOver() throws InterruptedException {
        world.add(Containers.running(1), 0.1);
        world.oomKills = OptionalLong.of(1);
        turn();
        assertEquals(Status.CRITICAL, sampleOf(1).status());
        assertEquals(List.of("a process was killed for lack of memory"), sampleOf(1).reasons());
        world.add(Containers.with(Containers.id(2), ContainerStatus.RUNNING, Containers.STARTED, true,
                Optional.empty(), Optional.empty()), 0.1);
        world.oomKills = OptionalLong.of(0);
        turn();
        assertEquals(Status.HEALTHY, sampleOf(2).status());
    }

    @Test
    void restartedContainerIsMeasuredFromItsNewBeginning() throws InterruptedException {
        world.add(Containers.running(1), 1);
        turn();
        turn();
        world.used.put(Containers.id(1), 0L);
        world.replace(Containers.with(Containers.id(1), ContainerStatus.RUNNING, world.now, false, Optional.empty(),
                Optional.empty()));
        turn();
        assertEquals(2, out.size());
        assertEquals(1, sampleOf(1).cpuCores());
    }

    @Test
    void containerThatCannotBeReadHoldsUpNoOtherAndIsTriedAgain() throws InterruptedException {
        world.add(Containers.running(1), 0.1);
        world.add(Containers.running(2), 0.1);
        world.used.remove(Containers.id(2));
        turn();
        turn();
        assertEquals(1, out.size());
        assertEquals(1, counted("unreadable"), "at its first time it may just have ended");
        world.used.put(Containers.id(2), 0L);
        turn();
        turn();
        assertEquals(Containers.id(2), out.getLast().containerId());
        assertEquals(1, world.readings.getLast().size(), "only the one that is due is read");
    }

    @Test
    void onlyManagedContainersCountAndThoseThatAreGoneAreForgotten() throws InterruptedException {
        world.add(Containers.running(1), 0.1);
        world.containers.put(Containers.id(9), unmanaged(9));
        turn();
        turn();
        assertEquals(1, meters.get("dockworker.containers").tag("status", "running").gauge().value());
        assertTrue(sampler.latest(Containers.running(1)).isPresent());
        assertTrue(sampler.latest(unmanaged(9)).isEmpty());
        world.containers.clear();
        turn();
        assertTrue(sampler.latest(Containers.running(1)).isEmpty());
        assertEquals(0, meters.get("dockworker.containers").tag("status", "running").gauge().value());
    }

    @Test
    void sampleNowMeasuresOnTheSpotAndLeavesTheRhythmAlone() throws InterruptedException {
        ContainerSnapshot container = Containers.running(1);
        world.add(container, 0.5);
        assertEquals(0.5, sampler.sampleNow(container).orElseThrow().cpuCores());
        world.used.remove(container.id());
        assertTrue(sampler.sampleNow(container).isEmpty());
        assertEquals(List.of(), out);
    }

    @Test
    void clockThatIsSetBackDoesNotSilenceSampling() throws InterruptedException {
        world.add(Containers.running(1), 0.1);
        turn();
        turn();
        world.now = world.now.minus(Duration.ofHours(5));
        turn();
        world.pass(Duration.ofSeconds(60));
        turn();
        assertEquals(2, out.size());
    }

    @Test
    void queueKeepsWhatItsDestinationRefusesAndDropsTheOldest() throws Exception {
        world.add(Containers.running(1), 0.1);
        world.add(Containers.running(2), 0.1);
        turn();
        turn();
        List<HealthSample> stored = new ArrayList<>();
        List<String> faults = new ArrayList<>(List.of("away"));
        var queue = new SampleQueue("stored", 3, batch -> {
            if (!faults.isEmpty()) {
                throw new IllegalStateException(faults.removeFirst());
            }
            stored.addAll(batch);
        }, meters);
        queue.accept(out);
        assertTimeoutPreemptively(Duration.ofSeconds(10), () -> queue.await(Duration.ofDays(1)));
        assertThrows(IllegalStateException.class, queue::runOnce);
        queue.accept(out);
        assertEquals(3, queue.runOnce());
        assertEquals(0, queue.runOnce());
        assertEquals(List.of(out.get(1), out.get(0), out.get(1)), stored);
        assertEquals(3, counted("stored"));
        assertEquals(1, counted("not_stored"));
    }

    private void turn() throws InterruptedException {
        sampler.runOnce();
        world.pass(Sampler.TURN);
    }

    private void nextSweep() throws InterruptedException {
        int before = out.size();
        while (out.size() == before) {
            turn();
        }
    }

    private HealthSample sampleOf(int number) {
        HealthSample latest = sampler.latest(world.containers.get(Containers.id(number))).orElseThrow();
        assertTrue(out.contains(latest));
        return latest;
    }

    private double counted(String outcome) {
        return meters.get("dockworker.health.samples").tag("outcome", outcome).counter().count();
    }

    private static ContainerSnapshot unmanaged(int number) {
        ContainerSnapshot ours = Containers.running(number);
        return new ContainerSnapshot(ours.id(), ours.name(), ours.image(), ours.imageId(), ours.createdAt(),
                ours.state(), Map.of(), ours.ports(), ours.networks(), ours.limits());
    }

    /** A host of four cores and 8 GiB whose containers use processors steadily. */
    private static final class World implements SampledHost, StatsSource {
        private Instant now = Instant.parse("2026-03-01T12:00:00Z");
        private long nanos = 1;
        private long memory = 1;
        private OptionalLong oomKills = OptionalLong.empty();
        private final Map<ContainerId, ContainerSnapshot> containers = new LinkedHashMap<>();
        private final Map<ContainerId, Double> cores = new LinkedHashMap<>();
        private final Map<ContainerId, Long> used = new LinkedHashMap<>();
        private final List<Collection<ContainerSnapshot>> readings = new ArrayList<>();

        void add(ContainerSnapshot container, double usedCores) {
            replace(container);
            cores.put(container.id(), usedCores);
            used.put(container.id(), 0L);
        }

        void replace(ContainerSnapshot container) {
            containers.put(container.id(), container);
        }

        void pass(Duration time) {
            now = now.plus(time);
            nanos += time.toNanos();
            used.replaceAll((id, sum) -> sum + Math.round(time.toNanos() * cores.get(id)));
        }

        @Override
        public Map<ContainerId, Usage> read(Collection<ContainerSnapshot> running) {
            readings.add(running);
            Map<ContainerId, Usage> usages = new LinkedHashMap<>();
            running.stream().map(ContainerSnapshot::id).filter(used::containsKey)
                    .forEach(id -> usages.put(id, new Usage(nanos, used.get(id), memory, OptionalLong.empty(),
                            OptionalLong.empty(), OptionalLong.empty(), OptionalLong.empty(), OptionalLong.of(1),
                            oomKills)));
            return usages;
        }

        @Override
        public HostId id() {
            return new HostId("host-a");
        }

        @Override
        public Collection<ContainerSnapshot> containers() {
            return containers.values();
        }

        @Override
        public HostCapacity capacity() {
            return new HostCapacity(4, 8 * GIB, Optional.of(42.126));
        }
    }
}
