package io.dockworker.execution;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dockworker.command.ContainerId;
import io.dockworker.command.ContainerName;
import io.dockworker.command.ContainerSnapshot;
import io.dockworker.command.ContainerSnapshot.Binding;
import io.dockworker.command.ContainerSpec;
import io.dockworker.command.ContainerStatus;
import io.dockworker.command.CpuLimit;
import io.dockworker.command.ErrorCode;
import io.dockworker.command.ImageName;
import io.dockworker.command.ImagePull;
import io.dockworker.command.Labels;
import io.dockworker.command.MemorySize;
import io.dockworker.command.NetworkSpec;
import io.dockworker.command.PortMapping;
import io.dockworker.command.ProcessSpec;
import io.dockworker.command.PullPolicy;
import io.dockworker.command.Resources;
import io.dockworker.execution.ContainerEngine.Answer;
import io.dockworker.execution.ContainerEngine.Answer.Reason;
import io.dockworker.execution.ContainerEngine.ImagePresence;
import io.dockworker.execution.ContainerEngine.Inspection;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What execution relies on, of any engine. */
public abstract class ContainerEngineContract {
    private static final ContainerId NOBODY = new ContainerId("0".repeat(64));
    protected static final List<String> IDLE = List.of("sleep", "600");

    private final List<ContainerId> made = new ArrayList<>();

    protected abstract ContainerEngine engine();

    /** An image that is there, and has the programs {@code sleep}, {@code true} and {@code false}. */
    protected abstract ImageName image();

    @AfterEach
    void removeWhatWasMade() {
        for (ContainerId id : made) {
            engine().call(new EngineCall.Remove(id, true, true), Duration.ofMinutes(5));
        }
    }

    @Test
    void aContainerGoesThroughItsLife() {
        ContainerId id = created(spec(IDLE));
        ContainerSnapshot fresh = seen(id);
        assertEquals(ContainerStatus.CREATED, fresh.status());
        assertEquals(Optional.empty(), fresh.startedAt());
        assertEquals(Optional.empty(), fresh.finishedAt());

        assertDone(new EngineCall.Start(id));
        ContainerSnapshot up = seen(id);
        assertEquals(ContainerStatus.RUNNING, up.status());
        assertTrue(up.startedAt().orElseThrow().isAfter(fresh.createdAt()));

        assertDone(stop(id));
        ContainerSnapshot stopped = seen(id);
        assertEquals(ContainerStatus.EXITED, stopped.status());
        assertEquals(up.startedAt(), stopped.startedAt());
        assertTrue(stopped.finishedAt().orElseThrow().isAfter(up.startedAt().orElseThrow()));

        assertDone(new EngineCall.Remove(id, false, false));
        assertInstanceOf(Inspection.Absent.class, engine().inspect(id.value()));
    }

    @Test
    void whatWasAskedForArrives() {
        ContainerName name = newName();
        var resources = new Resources(Optional.of(CpuLimit.parse("500m")), Optional.of(MemorySize.parse("64m")),
                Optional.of(MemorySize.parse("32m")), OptionalLong.of(50), Optional.of(MemorySize.parse("16m")));
        Map<String, String> labels = Map.of(Labels.MANAGED_BY, "as-given", Labels.COMMAND_ID, "c-1", "team",
                "a=b \"c\"");
        ContainerId id = created(new EngineCall.Create(name, spec(IDLE, List.of(), resources), labels));

        ContainerSnapshot seen = seen(id);
        assertEquals(name.value(), seen.name());
        assertEquals("as-given", seen.image());
        assertEquals(labels, seen.labels());
        assertEquals(resources.cpu(), seen.limits().cpu());
        assertEquals(resources.memory(), seen.limits().memory());
        assertTrue(seen.imageId().startsWith("sha256:"), seen.imageId());
    }

    @Test
    void aContainerIsFoundByNameIdAndUniquePrefix() {
        EngineCall.Create create = creation(spec(IDLE));
        ContainerId id = created(create);

        for (String reference : List.of(create.name().value(), id.value(), id.abbreviated())) {
            assertEquals(id, assertInstanceOf(Inspection.Seen.class, engine().inspect(reference)).container().id());
        }
        assertInstanceOf(Inspection.Absent.class, engine().inspect(newName().value()));
    }

    @Test
    void aHeldNameIsAConflictAndChangesNothing() {
        EngineCall.Create create = creation(spec(IDLE));
        ContainerId first = created(create);

        assertRefused(Reason.CONFLICT, create);
        assertEquals(first, assertInstanceOf(Inspection.Seen.class, engine().inspect(create.name().value())).container()
                .id());
    }

    @Test
    void whatIsNotThereIsRefusedAsNotFound() {
        assertRefused(Reason.NOT_FOUND, new EngineCall.Start(NOBODY));
        assertRefused(Reason.NOT_FOUND, stop(NOBODY));
        assertRefused(Reason.NOT_FOUND,
                new EngineCall.Stop(NOBODY, Optional.of(Duration.ZERO), Optional.of("SIGINT")));
        assertRefused(Reason.NOT_FOUND, new EngineCall.Remove(NOBODY, true, true));
        assertRefused(Reason.NOT_FOUND, creation(specOf(new ImageName("dockworker.invalid/none:1"))));
    }

    @Test
    void aGoalThatHoldsAlreadyIsDoneAndTouchesNothing() {
        ContainerId id = created(spec(IDLE));
        assertDone(stop(id));
        assertEquals(ContainerStatus.CREATED, seen(id).status());

        assertDone(new EngineCall.Start(id));
        Optional<Instant> started = seen(id).startedAt();
        assertDone(new EngineCall.Start(id));
        assertEquals(started, seen(id).startedAt());

        assertDone(stop(id));
        ContainerSnapshot stopped = seen(id);
        assertDone(stop(id));
        assertEquals(stopped, seen(id));
    }

    /** How execution tells a job that has run from one that has not. */
    @Test
    void eachStartOfAnEndedContainerHasAStartTimeOfItsOwn() {
        ContainerId id = created(spec(List.of("false")));
        assertDone(new EngineCall.Start(id));
        ContainerSnapshot first = ended(id);
        assertEquals(1, first.state().exitCode());

        assertDone(new EngineCall.Start(id));
        await().pollDelay(Duration.ZERO).until(() -> !seen(id).isUp());
        assertNotEquals(first.startedAt(), seen(id).startedAt());
    }

    @Test
    void aRunningContainerIsRemovedByForceOnly() {
        ContainerId id = created(spec(IDLE));
        assertDone(new EngineCall.Start(id));

        assertRefused(Reason.CONFLICT, new EngineCall.Remove(id, false, false));
        assertEquals(ContainerStatus.RUNNING, seen(id).status());
        assertDone(new EngineCall.Remove(id, true, false));
        assertInstanceOf(Inspection.Absent.class, engine().inspect(id.value()));
    }

    @Test
    void portsArePublishedWhileItRuns() throws IOException {
        int fixed = freePort();
        ContainerId id = created(spec(IDLE, List.of(PortMapping.parse("80/tcp", "127.0.0.1", 0),
                PortMapping.parse("80/tcp", "127.0.0.1", fixed), PortMapping.parse("53/udp", "", 0)),
                Resources.UNLIMITED));
        assertDone(new EngineCall.Start(id));

        Map<String, List<Binding>> ports = seen(id).ports();
        List<Binding> web = ports.get("80/tcp");
        assertEquals(2, web.size(), ports::toString);
        assertTrue(web.contains(new Binding("127.0.0.1", fixed)), ports::toString);
        assertTrue(web.stream().allMatch(one -> one.hostIp().equals("127.0.0.1") && one.hostPort() > 0),
                ports::toString);
        assertTrue(ports.get("53/udp").stream().allMatch(one -> one.hostPort() > 0), ports::toString);

        assertDone(stop(id));
        assertEquals(Map.of(), seen(id).ports());
    }

    /** Docker answers 500, which may mean anything: what became of it is for an inspection to find out. */
    @Test
    void aStartOnATakenPortIsNoSuccessAndNeverRan() throws IOException {
        List<PortMapping> ports = List.of(PortMapping.parse("80/tcp", "127.0.0.1", freePort()));
        ContainerId holder = created(spec(IDLE, ports, Resources.UNLIMITED));
        assertDone(new EngineCall.Start(holder));
        ContainerId late = created(spec(IDLE, ports, Resources.UNLIMITED));

        assertInstanceOf(Answer.Unknown.class, engine().call(new EngineCall.Start(late), Duration.ofMinutes(5)));
        assertEquals(Optional.empty(), seen(late).startedAt());
        assertFalse(seen(late).isUp());
    }

    @Test
    void anImageThatIsThereIsNotPulledAndOneThatMayNotBePulledIsMissing() {
        assertEquals(new ImagePresence.Present(false),
                engine().ensureImage(image(), ImagePull.of(PullPolicy.MISSING), Duration.ofMinutes(5)));
        assertEquals(new ImagePresence.Present(false),
                engine().ensureImage(image(), ImagePull.of(PullPolicy.NEVER), Duration.ofMinutes(5)));

        var missing = assertInstanceOf(ImagePresence.Missing.class,
                engine().ensureImage(new ImageName("dockworker.invalid/none:1"), ImagePull.of(PullPolicy.NEVER),
                        Duration.ofMinutes(5)));
        assertEquals(ErrorCode.IMAGE_NOT_FOUND, missing.failure().code());
    }

    protected ContainerSpec spec(List<String> command) {
        return spec(command, List.of(), Resources.UNLIMITED);
    }

    /** Without a network unless it has ports: such a container starts faster. */
    protected ContainerSpec spec(List<String> command, List<PortMapping> ports, Resources resources) {
        ContainerSpec spec = specOf(image()).with(ProcessSpec.of(command)).with(resources);
        return spec.with(ports.isEmpty() ? NetworkSpec.mode("none") : NetworkSpec.publishing(ports));
    }

    private static ContainerSpec specOf(ImageName image) {
        return ContainerSpec.of(image).with(ImagePull.of(PullPolicy.NEVER)).with(ProcessSpec.of(IDLE));
    }

    protected EngineCall.Create creation(ContainerSpec spec) {
        return new EngineCall.Create(newName(), spec, Map.of(Labels.MANAGED_BY, spec.image().given()));
    }

    protected ContainerId created(ContainerSpec spec) {
        return created(creation(spec));
    }

    protected ContainerId created(EngineCall.Create create) {
        ContainerId id = assertInstanceOf(Answer.Done.class, engine().call(create, Duration.ofMinutes(5))).id()
                .orElseThrow();
        made.add(id);
        return id;
    }

    protected ContainerSnapshot seen(ContainerId id) {
        return assertInstanceOf(Inspection.Seen.class, engine().inspect(id.value())).container();
    }

    protected ContainerSnapshot ended(ContainerId id) {
        return await().pollDelay(Duration.ZERO).until(() -> seen(id),
                seen -> seen.status() == ContainerStatus.EXITED);
    }

    protected void assertDone(EngineCall call) {
        assertInstanceOf(Answer.Done.class, engine().call(call, Duration.ofMinutes(5)));
    }

    protected static EngineCall stop(ContainerId id) {
        return new EngineCall.Stop(id, Optional.of(Duration.ZERO), Optional.empty());
    }

    private void assertRefused(Reason reason, EngineCall call) {
        var refused = assertInstanceOf(Answer.Refused.class, engine().call(call, Duration.ofMinutes(5)));
        assertEquals(reason, refused.reason(), refused::message);
        assertFalse(refused.message().isBlank());
    }

    protected static ContainerName newName() {
        return new ContainerName("dockertest-" + UUID.randomUUID().toString().substring(0, 13));
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
