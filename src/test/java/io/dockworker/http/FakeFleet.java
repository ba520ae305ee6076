package io.dockworker.http;

import io.dockworker.command.Command;
import io.dockworker.command.CommandId;
import io.dockworker.command.ContainerId;
import io.dockworker.command.ContainerSnapshot;
import io.dockworker.command.ContainerSpec;
import io.dockworker.command.ContainerState;
import io.dockworker.command.ErrorCode;
import io.dockworker.command.Failure;
import io.dockworker.command.Header;
import io.dockworker.command.HealthSample;
import io.dockworker.command.HostId;
import io.dockworker.command.ImageName;
import io.dockworker.command.Limits;
import io.dockworker.journal.ManagedContainer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;

/** A fleet in memory: what the interface shows of it, and what it is told. */
final class FakeFleet implements ContainerView, CommandPublisher {
    static final Instant NOW = Instant.parse("2026-11-24T12:00:00Z");

    final List<ManagedContainer> containers = new ArrayList<>();
    final List<Command> published = Collections.synchronizedList(new ArrayList<>());
    volatile boolean kafkaAway;
    volatile boolean recordsAway;
    volatile String metrics = "dockworker_build_info 1.0\n";
    volatile Readiness readiness = new Readiness(true, List.of(), List.of());

    HttpParts parts() {
        return new HttpParts(this, FakeFleet::read, this, FakeFleet::json, () -> metrics, () -> readiness,
                InstantSource.fixed(NOW));
    }

    /** Stands for the decoder of the package wire: knows {@code count}, and nothing else. */
    private static CreateRequestReader.Reading read(ImageName image, byte[] body,
            CommandId id) {
        String text = new String(body, StandardCharsets.UTF_8).replace(" ", "");
        if (!text.matches("|\\{\"count\":[0-9]+\\}")) {
            return new CreateRequestReader.Reading.Refused(
                    Failure.at("/cuont", ErrorCode.INVALID_COMMAND, "is no field; did you mean count?"));
        }
        int count = text.isEmpty() ? 1 : Integer.parseInt(text.replaceAll("[^0-9]", ""));
        var spec = ContainerSpec.of(image);
        return new CreateRequestReader.Reading.Understood(new Command.Create(Header.of(id), spec, count, true));
    }

    private static byte[] json(HealthSample sample) {
        return ("{\"cpu_usage\":" + sample.cpuPercent() + ",\"status\":\"" + sample.status() + "\"}")
                .getBytes(StandardCharsets.UTF_8);
    }

    ManagedContainer add(String idDigits, String name, String image) {
        var snapshot = new ContainerSnapshot(new ContainerId(idDigits.repeat(64).substring(0, 64)), name, image,
                "sha256:aa", NOW, ContainerState.running(NOW), Map.of("managed-by", image),
                Map.of("80/tcp", List.of(new ContainerSnapshot.Binding("0.0.0.0", 32768))), Set.of(), Limits.NONE);
        var managed = new ManagedContainer(new HostId("host-a"), snapshot, NOW);
        containers.add(managed);
        return managed;
    }

    @Override
    public List<ManagedContainer> instances(ImageName image) throws ViewUnavailable {
        failIfAway();
        return containers.stream()
                .filter(managed -> new ImageName(managed.container().image()).normal().equals(image.normal())).toList();
    }

    @Override
    public Lookup find(String reference) throws ViewUnavailable {
        failIfAway();
        List<ManagedContainer> found = containers.stream()
                .filter(managed -> managed.container().name().equals(reference)
                        || managed.container().id().value().startsWith(reference))
                .toList();
        return switch (found.size()) {
            case 0 -> new Lookup.NotFound();
            case 1 -> new Lookup.Found(found.getFirst());
            default -> new Lookup.Ambiguous();
        };
    }

    @Override
    public Optional<HealthSample> latestHealth(ContainerId id) {
        return Optional.of(new HealthSample(id, "web-1", "nginx:alpine", new HostId("host-a"), NOW,
                Duration.ofSeconds(60), 25.5, 45.2, OptionalDouble.of(67.8), HealthSample.Status.HEALTHY, List.of(),
                0.13, OptionalDouble.empty(), 1, OptionalLong.empty(), OptionalLong.empty(), OptionalLong.empty(),
                OptionalLong.empty(), OptionalLong.empty(), OptionalLong.empty(), 0, "none"));
    }

    @Override
    public void publish(Command command) throws PublishingFailed {
        if (kafkaAway) {
            throw new PublishingFailed("no broker answers", null);
        }
        published.add(command);
    }

    private void failIfAway() throws ViewUnavailable {
        if (recordsAway) {
            throw new ViewUnavailable("no connection", null);
        }
    }
}
