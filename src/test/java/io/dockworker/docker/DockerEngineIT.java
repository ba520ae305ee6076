package io.dockworker.docker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.github.dockerjava.api.command.InspectContainerResponse;
import com.github.dockerjava.api.model.HostConfig;
import io.dockworker.command.ContainerId;
import io.dockworker.command.ContainerSpec;
import io.dockworker.command.ErrorCode;
import io.dockworker.command.ImageName;
import io.dockworker.command.ImagePull;
import io.dockworker.command.MemorySize;
import io.dockworker.command.NetworkSpec;
import io.dockworker.command.PortMapping;
import io.dockworker.command.ProcessSpec;
import io.dockworker.command.PullPolicy;
import io.dockworker.command.Resources;
import io.dockworker.execution.ContainerEngine;
import io.dockworker.execution.ContainerEngine.Answer;
import io.dockworker.execution.ContainerEngine.ImagePresence;
import io.dockworker.execution.ContainerEngineContract;
import io.dockworker.execution.EngineCall;
import io.dockworker.health.StatsSource.Usage;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.URI;
import java.net.URL;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class DockerEngineIT extends ContainerEngineContract {
    private static final ImageName IMAGE = new ImageName("dockertest-tools:1");
    private static final SimpleMeterRegistry METERS = new SimpleMeterRegistry();
    private static final DockerEngine ENGINE = DockerEngine.connect(DockerConnection.LOCAL, METERS);

    @BeforeAll
    static void buildImage() throws IOException {
        LocalImage.build(ENGINE, IMAGE);
    }

    @AfterAll
    static void removeImage() throws IOException {
        LocalImage.remove(ENGINE, IMAGE);
        ENGINE.close();
    }

    @Override
    protected ContainerEngine engine() {
        return ENGINE;
    }

    @Override
    protected ImageName image() {
        return IMAGE;
    }

    @Test
    void everyFieldOfASpecificationReachesTheEngine() {
        var env = new LinkedHashMap<String, String>(Map.of("SECOND", "a=b c"));
        env.put("FIRST", "");
        var resources = new Resources(Optional.empty(), Optional.of(MemorySize.parse("64m")),
                Optional.of(MemorySize.parse("32m")), OptionalLong.of(50), Optional.of(MemorySize.parse("16m")));
        ContainerId id = created(ContainerSpec.of(IMAGE).with(ImagePull.of(PullPolicy.NEVER))
                .with(ProcessSpec.of(List.of("600")).withEnv(env).withEntrypoint(List.of("sleep")))
                .with(NetworkSpec.mode("none")).with(resources));

        InspectContainerResponse seen = ENGINE.link().client().inspectContainerCmd(id.value()).exec();
        List<String> given = Arrays.stream(seen.getConfig().getEnv()).filter(one -> !one.startsWith("PATH=")).toList();
        assertEquals(List.of("SECOND=a=b c", "FIRST="), given);
        assertEquals(List.of("sleep"), List.of(seen.getConfig().getEntrypoint()));
        assertEquals(List.of("600"), List.of(seen.getConfig().getCmd()));
        HostConfig host = seen.getHostConfig();
        assertEquals("none", host.getNetworkMode());
        assertEquals(64L << 20, host.getMemory());
        assertEquals(32L << 20, host.getMemoryReservation());
        assertEquals(50, host.getPidsLimit());
        assertEquals(16L << 20, host.getShmSize());
        // As `docker run -m`: as much swap as memory, or the kernel cannot tell them apart.
        assertTrue(host.getMemorySwap() == 128L << 20 || host.getMemorySwap() == -1, () -> "" + host.getMemorySwap());
    }

    @Test
    void aCommandThatTheImageHasNotIsRefusedAtTheStart() {
        ContainerId id = created(spec(List.of("no-such-program")));

        var refused = assertInstanceOf(Answer.Refused.class,
                ENGINE.call(new EngineCall.Start(id), Duration.ofMinutes(5)));
        assertEquals(Answer.Reason.INVALID, refused.reason());
        assertEquals(Optional.empty(), seen(id).startedAt());
    }

    @Test
    void aStopSendsTheSignalThatWasAskedForAndThenWaits() {
        ContainerId id = created(spec(List.of("sh", "-c", "trap 'exit 7' USR1; sleep 600 & wait")));
        assertDone(new EngineCall.Start(id));

        assertDone(new EngineCall.Stop(id, Optional.of(Duration.ofSeconds(20)), Optional.of("SIGUSR1")));
        assertEquals(7, ended(id).state().exitCode());
    }

    @Test
    void aStopWithASignalThatIsIgnoredKillsWhenTheGraceIsOver() {
        ContainerId id = created(spec(List.of("sleep", "600")));
        assertDone(new EngineCall.Start(id));

        assertDone(new EngineCall.Stop(id, Optional.of(Duration.ofSeconds(1)), Optional.of("SIGUSR2")));
        assertEquals(137, ended(id).state().exitCode());
    }

    @Test
    void anImageFromARegistryThatCannotBeReachedIsMissingWithTheReason() {
        var missing = assertInstanceOf(ImagePresence.Missing.class,
                ENGINE.ensureImage(new ImageName("127.0.0.1:9/dockertest/none:1"), ImagePull.MISSING,
                        Duration.ofMinutes(5)));

        assertEquals(ErrorCode.PULL_FAILED, missing.failure().code());
        assertTrue(missing.failure().retryable());
        assertTrue(missing.failure().message().contains("127.0.0.1:9"), missing.failure()::message);
    }

    @Test
    void statisticsAreReadOfWhatRunsAndWhatIsGoneIsLeftOut() {
        ContainerId running = created(spec(List.of("sh", "-c", "while :; do :; done")));
        assertDone(new EngineCall.Start(running));
        ContainerId ended = created(spec(List.of("true")));
        assertDone(new EngineCall.Start(ended));
        ended(ended);
        ContainerId gone = created(spec(List.of("true")));
        var containers = List.of(seen(running), seen(ended), seen(gone));
        assertDone(new EngineCall.Remove(gone, true, true));

        Map<ContainerId, Usage> usages = new ApiStatsSource(ENGINE).read(containers);
        assertEquals(List.of(running), List.copyOf(usages.keySet()));
        Usage usage = usages.get(running);
        assertTrue(usage.cpuNanos() > 0 && usage.memoryBytes() > 0, usage::toString);
        assertEquals(1, usage.pids().orElseThrow());
        assertEquals(OptionalLong.empty(), usage.networkRxBytes());
    }

    @Test
    void theListHasAllThatAreManagedAndNoOthers() {
        ContainerId running = created(spec(IDLE));
        assertDone(new EngineCall.Start(running));
        ContainerId idle = created(spec(IDLE));
        ContainerId stranger = created(new EngineCall.Create(newName(), spec(IDLE), Map.of("team", "other")));

        Set<ContainerId> listed = ENGINE.view().list().orElseThrow();
        assertTrue(listed.containsAll(Set.of(running, idle)), listed::toString);
        assertFalse(listed.contains(stranger), listed::toString);
    }

    @Test
    void theEngineTellsWhatItIs() throws IOException {
        ENGINE.ping();
        EngineInfo info = ENGINE.info();

        assertFalse(info.id().isEmpty());
        assertEquals(Runtime.getRuntime().availableProcessors(), info.cores());
        assertTrue(info.memoryBytes() > 1 << 20 && info.dataDirectory().isAbsolute(), info::toString);
    }

    @Test
    void callsAreMeasuredByHowTheyEnded() {
        ENGINE.inspect(newName().value());

        assertTrue(METERS.get("dockworker.engine.call.duration").tags("call", "inspect", "outcome", "absent").timer()
                .count() > 0);
    }

    /** What a machine without a busybox gets. */
    @Test
    void anImageOfTheMachinesOwnShellRunsToo() throws IOException {
        var name = new ImageName("dockertest-shell:1");
        LocalImage.build(ENGINE, name, List.of());
        try {
            ContainerId id = created(ContainerSpec.of(name).with(ImagePull.of(PullPolicy.NEVER))
                    .with(ProcessSpec.of(List.of("sh", "-c", "cat /etc/hostname && exec env")))
                    .with(NetworkSpec.mode("none")));
            assertDone(new EngineCall.Start(id));
            assertEquals(0, ended(id).state().exitCode());
            assertDone(new EngineCall.Remove(id, true, true));
        } finally {
            LocalImage.remove(ENGINE, name);
        }
    }

    @Test
    void theLocalImageServesAPageByItselfAndStopsAtOnce() throws IOException {
        ContainerId id = created(
                spec(List.of(), List.of(PortMapping.parse("80", "127.0.0.1", 0)), Resources.UNLIMITED));
        assertDone(new EngineCall.Start(id));
        URL page = URI.create("http://127.0.0.1:" + seen(id).ports().get("80/tcp").getFirst().hostPort()).toURL();
        await().ignoreExceptions().until(() -> new String(page.openStream().readAllBytes(), UTF_8).contains("works"));

        long begin = System.nanoTime();
        assertDone(new EngineCall.Stop(id, Optional.of(Duration.ofSeconds(20)), Optional.empty()));
        assertTrue(System.nanoTime() - begin < Duration.ofSeconds(10).toNanos());
        assertEquals(0, ended(id).state().exitCode());
    }
}
