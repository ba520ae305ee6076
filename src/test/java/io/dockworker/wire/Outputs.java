package io.dockworker.wire;

import io.dockworker.command.CommandId;
import io.dockworker.command.CommandResult;
import io.dockworker.command.ContainerEvent;
import io.dockworker.command.ContainerId;
import io.dockworker.command.ContainerSnapshot;
import io.dockworker.command.ContainerState;
import io.dockworker.command.ContainerStatus;
import io.dockworker.command.CpuLimit;
import io.dockworker.command.Epoch;
import io.dockworker.command.ErrorCode;
import io.dockworker.command.Failure;
import io.dockworker.command.HealthSample;
import io.dockworker.command.HostId;
import io.dockworker.command.Labels;
import io.dockworker.command.Limits;
import io.dockworker.command.MemorySize;
import io.dockworker.command.Outcome;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;

/** Values to be written by the encoders. */
final class Outputs {
    static final HostId HOST = new HostId("host-a");
    static final ContainerId ID = new ContainerId("3f2a".repeat(16));
    static final Instant NOON = Instant.parse("2026-01-31T12:00:00Z");
    static final String TRACE = "00-" + "a".repeat(32) + "-" + "b".repeat(16) + "-01";

    private Outputs() {}

    static ContainerSnapshot container(ContainerStatus status) {
        boolean ended = status == ContainerStatus.EXITED;
        return new ContainerSnapshot(ID, "web-1", "nginx:alpine", "sha256:" + "0".repeat(64), NOON,
                ContainerState.of(status, Optional.of(NOON.plusMillis(200)),
                        ended ? Optional.of(NOON.plusSeconds(9)) : Optional.empty(), ended ? 137 : 0),
                Map.of(Labels.MANAGED_BY, "nginx:alpine", Labels.HOST, "host-a"),
                Map.of("80/tcp", List.of(new ContainerSnapshot.Binding("0.0.0.0", 32_768))), Set.of("bridge"),
                new Limits(Optional.of(new CpuLimit(500_000_000)), Optional.of(new MemorySize(64 << 20)),
                        Optional.empty(), OptionalLong.empty()));
    }

    static CommandResult succeeded() {
        return result(Outcome.succeeded(true, member()), Optional.of(HOST));
    }

    static CommandResult rejected() {
        return new CommandResult(new CommandId("01J"), "creat",
                Outcome.ended(Outcome.Status.REJECTED, Failure.at("/type", ErrorCode.INVALID_COMMAND, "unknown type")),
                Optional.empty(), 0, NOON, Optional.empty(), NOON, Map.of(), Optional.empty(), Optional.empty());
    }

    static CommandResult of(int containers) {
        return result(new Outcome(Outcome.Status.SUCCEEDED, true, Collections.nCopies(containers, member()),
                Optional.empty()), Optional.empty());
    }

    /** Of three, one was not made. */
    static CommandResult partial() {
        Failure failure = Failure.of(ErrorCode.IMAGE_NOT_FOUND, "no such image");
        return result(Outcome.ended(Outcome.Status.FAILED, Failure.of(ErrorCode.PARTIAL, "1 of 2 succeeded"), member(),
                Outcome.Member.unseen(HOST, "web-2", Outcome.Status.FAILED, failure)), Optional.of(HOST));
    }

    private static Outcome.Member member() {
        return Outcome.Member.seen(HOST, container(ContainerStatus.RUNNING), Outcome.Status.SUCCEEDED,
                Optional.empty());
    }

    private static CommandResult result(Outcome outcome, Optional<HostId> host) {
        return new CommandResult(new CommandId("01J"), "create", outcome, host, 1, NOON,
                Optional.of(NOON.plusMillis(3)), NOON.plusMillis(204),
                Map.of("queued", Duration.ofMillis(3), "pull", Duration.ZERO, "create", Duration.ofMillis(41), "start",
                        Duration.ofMillis(160)),
                Optional.of("release-42"), Optional.of(TRACE));
    }

    static ContainerEvent event() {
        return new ContainerEvent("e1", ContainerEvent.Type.STOP, ID, "web-1", "nginx:alpine", HOST,
                container(ContainerStatus.EXITED).ports(), NOON, ContainerEvent.Cause.COMMAND,
                Optional.of(new CommandId("01J")), OptionalInt.of(137), Map.of("signal", "SIGKILL"));
    }

    static HealthSample sample() {
        return new HealthSample(ID, "web-1", "nginx:alpine", HOST, NOON, Duration.ofSeconds(60), 25.504, 45.2,
                OptionalDouble.of(67.8), HealthSample.Status.HEALTHY, List.of(), 0.13, OptionalDouble.of(0.5), 1,
                OptionalLong.of(2), OptionalLong.of(3), OptionalLong.of(4), OptionalLong.of(5), OptionalLong.of(6),
                OptionalLong.of(7), 0, "none");
    }

    static HealthSample bareSample() {
        return new HealthSample(ID, "web-1", "nginx:alpine", HOST, NOON, Duration.ofMillis(1_500), Double.NaN, 0,
                OptionalDouble.empty(), HealthSample.Status.STOPPED, List.of("stopped"), 0, OptionalDouble.empty(), 0,
                OptionalLong.empty(), OptionalLong.empty(), OptionalLong.empty(), OptionalLong.empty(),
                OptionalLong.empty(), OptionalLong.empty(), 0, "none");
    }

    static HostHeartbeat beat() {
        return new HostHeartbeat(HOST, "6KXZ", new Epoch(3), NOON, 8, 1L << 35,
                new HostHeartbeat.Versions("0.1.0", "20.10.24", "1.41"), Map.of("zone", "a"));
    }

    static DeadLetter deadLetter() {
        return new DeadLetter(new byte[]{1}, new byte[]{(byte) 0xff, 0},
                List.of(new OutboundMessage.Header("trace", new byte[]{(byte) 0xfe}),
                        OutboundMessage.Header.of("__dlq.errors.offset", "7"),
                        OutboundMessage.Header.of("trace", "again")),
                "dockworker.commands", 3, 1042, "NOT_JSON", "line 1,\nbad", HOST);
    }
}
