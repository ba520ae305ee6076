package io.dockworker.http;

import io.dockworker.command.Command;
import io.dockworker.command.CommandId;
import io.dockworker.command.CommandResult;
import io.dockworker.command.ContainerEvent;
import io.dockworker.command.ContainerId;
import io.dockworker.command.ContainerSnapshot;
import io.dockworker.command.ContainerState;
import io.dockworker.command.HealthSample;
import io.dockworker.command.HostId;
import io.dockworker.command.ImageName;
import io.dockworker.command.Limits;
import io.dockworker.command.Outcome;
import io.dockworker.journal.Changes;
import io.dockworker.journal.CommandViews;
import io.dockworker.journal.ContainerViews;
import io.dockworker.journal.EventViews;
import io.dockworker.journal.FleetViews;
import io.dockworker.journal.ManagedContainer;
import io.dockworker.wire.CommandEncoder;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A fleet in memory: what the interface shows of it, and what it is told. */
final class FakeFleet implements ContainerView, RecordView, LogSource, CommandPublisher {
    static final Instant NOW = Instant.parse("2026-11-24T12:00:00Z");
    static final HostId HOST = new HostId("host-a");

    final List<ManagedContainer> containers = Collections.synchronizedList(new ArrayList<>());
    final Set<String> strangers = ConcurrentHashMap.newKeySet();
    final List<Command> published = Collections.synchronizedList(new ArrayList<>());
    final List<String> keys = Collections.synchronizedList(new ArrayList<>());
    final Map<CommandId, CommandViews.View> commands = new ConcurrentHashMap<>();
    final List<ContainerEvent> events = Collections.synchronizedList(new ArrayList<>());
    final List<Changes.Change> changes = Collections.synchronizedList(new ArrayList<>());
    volatile Opening log = new Opening.Opened(new ByteArrayInputStream("hello\n".getBytes(StandardCharsets.UTF_8)));
    volatile Wish wish;
    volatile boolean kafkaAway;
    volatile boolean recordsAway;
    /** What is published ends at once. */
    volatile boolean executes;
    volatile String metrics = "dockworker_build_info 1.0\n";
    volatile Readiness readiness = new Readiness(Readiness.State.READY, List.of(), List.of());

    HttpParts parts() {
        return new HttpParts(this, this, this, this, () -> metrics, () -> readiness, InstantSource.fixed(NOW));
    }

    ManagedContainer add(String idDigits, String name, String image) {
        var snapshot = new ContainerSnapshot(new ContainerId(idDigits.repeat(64).substring(0, 64)), name, image,
                "sha256:aa", NOW, ContainerState.running(NOW), Map.of("managed-by", image),
                Map.of("80/tcp", List.of(new ContainerSnapshot.Binding("0.0.0.0", 32768))), Set.of(), Limits.NONE);
        var managed = new ManagedContainer(HOST, snapshot, NOW);
        containers.add(managed);
        return managed;
    }

    void happened(ManagedContainer managed, String id, Instant at) {
        ContainerSnapshot container = managed.container();
        var event = new ContainerEvent(id, ContainerEvent.Type.START, container.id(), container.name(),
                container.image(), HOST, container.ports(), at, ContainerEvent.Cause.SELF, Optional.empty(),
                OptionalInt.empty(), Map.of());
        events.add(event);
        changes.add(new Changes.Change.Happened(event));
    }

    /** Puts a command on record. */
    void record(Command command, CommandViews.Progress progress) {
        boolean ended = progress == CommandViews.Progress.ENDED;
        var result = new CommandResult(command.id(), command.type().toString(), Outcome.succeeded(true),
                Optional.of(HOST), 1, NOW, Optional.of(NOW), NOW, Map.of(), Optional.empty(), Optional.empty());
        commands.put(command.id(), new CommandViews.View(command.id(), command.type().toString(),
                progress,
                new CommandEncoder().hash(command).bytes(), Optional.of(HOST), NOW, Optional.empty(),
                ended ? Optional.of(result) : Optional.empty()));
        if (ended) {
            changes.add(new Changes.Change.Ended(result));
        }
    }

    @Override
    public List<ManagedContainer> page(ContainerViews.Filter filter, Optional<ContainerViews.Place> after, int limit)
            throws ViewUnavailable {
        failIfAway();
        return List.copyOf(containers).stream()
                .filter(one -> filter.image().isEmpty()
                        || new ImageName(one.container().image()).normal().equals(filter.image().get().normal()))
                .filter(one -> filter.host().isEmpty() || filter.host().get().equals(one.host()))
                .filter(one -> filter.status().isEmpty() || filter.status().get() == one.container().status())
                .filter(one -> after.isEmpty() || one.container().name().compareTo(after.get().name()) > 0)
                .sorted(Comparator.comparing(one -> one.container().name())).limit(limit).toList();
    }

    @Override
    public Lookup find(String reference) throws ViewUnavailable {
        failIfAway();
        List<ManagedContainer> found = List.copyOf(containers).stream()
                .filter(managed -> managed.container().name().equals(reference)
                        || managed.container().id().value().startsWith(reference))
                .toList();
        return switch (found.size()) {
            case 0 -> strangers.contains(reference) ? new Lookup.NotManaged() : new Lookup.NotFound();
            case 1 -> new Lookup.Found(found.getFirst());
            default -> new Lookup.Ambiguous();
        };
    }

    @Override
    public boolean isToCome(String name) {
        return name.equals("accepted-name");
    }

    @Override
    public Optional<HealthSample> latestHealth(ContainerId id) {
        return Optional.of(sample(id, NOW));
    }

    @Override
    public List<HealthSample> healthHistory(ContainerId id, Instant from, Instant to, int limit) {
        return java.util.stream.IntStream.range(0, 5).mapToObj(minute -> NOW.minusSeconds(60L * minute))
                .filter(at -> at.isBefore(to) && !at.isBefore(from)).limit(limit).map(at -> sample(id, at)).toList();
    }

    private static HealthSample sample(ContainerId id, Instant at) {
        return new HealthSample(id, "web-1", "nginx:alpine", HOST, at, Duration.ofSeconds(60), 25.5, 45.2,
                OptionalDouble.of(67.8), HealthSample.Status.HEALTHY, List.of(), 0.13, OptionalDouble.empty(), 1,
                OptionalLong.empty(), OptionalLong.empty(), OptionalLong.empty(), OptionalLong.empty(),
                OptionalLong.empty(), OptionalLong.empty(), 0, "none");
    }

    @Override
    public Optional<CommandViews.View> command(CommandId id) throws ViewUnavailable {
        failIfAway();
        return Optional.ofNullable(commands.get(id));
    }

    @Override
    public List<CommandViews.View> ended(Collection<CommandId> ids) throws ViewUnavailable {
        failIfAway();
        return ids.stream().map(commands::get).filter(view -> view != null && view.result().isPresent()).toList();
    }

    @Override
    public List<CommandViews.View> commands(Optional<Outcome.Status> status, Optional<CommandViews.Progress> progress,
            Optional<CommandViews.Place> before, int limit) {
        return commands.values().stream().filter(view -> progress.isEmpty() || progress.get() == view.progress())
                .filter(view -> status.isEmpty()
                        || view.result().map(result -> result.outcome().status()).equals(status))
                .filter(view -> before.isEmpty() || view.id().value().compareTo(before.get().id()) < 0)
                .sorted(Comparator.comparing(CommandViews.View::id).reversed()).limit(limit).toList();
    }

    @Override
    public List<ContainerEvent> events(EventViews.Filter filter, Optional<EventViews.Place> before, int limit) {
        return List.copyOf(events).stream()
                .filter(event -> filter.container().isEmpty() || filter.container().get().equals(event.containerId()))
                .filter(event -> before.isEmpty() || event.at().isBefore(before.get().at()))
                .sorted(Comparator.comparing(ContainerEvent::at).reversed()).limit(limit).toList();
    }

    @Override
    public List<FleetViews.Host> hosts(Optional<String> after, int limit) {
        return after.isPresent()
                ? List.of()
                : List.of(new FleetViews.Host(HOST.value(), "engine-1", 3, NOW, true, """
                        {"host":"host-a","engine_id":"engine-1","epoch":3,"at":"2026-11-24T11:59:59Z",
                        "capacity":{"cores":2,"memory_bytes":1},
                        "versions":{"dockworker":"0.1.0","engine":"29.0.0","api":"1.44"},"labels":{}}"""));
    }

    @Override
    public boolean isKnownHost(HostId host) {
        return host.equals(HOST);
    }

    @Override
    public List<FleetViews.DesiredImage> images(Optional<String> after, int limit) {
        return after.isPresent()
                ? List.of()
                : List.of(new FleetViews.DesiredImage("web", "nginx:alpine", 2, "{\"env\":{}}", 1, NOW));
    }

    @Override
    public Changes.Position endOfChanges() throws ViewUnavailable {
        failIfAway();
        return new Changes.Position(changes.size(), 0);
    }

    /** Positions are those of the list; negative ones are long forgotten. */
    @Override
    public Changes.Page changes(Changes.Position after, int limit) throws ViewUnavailable {
        failIfAway();
        List<Changes.Change> now = List.copyOf(changes);
        int from = (int) Math.min(after.transaction(), now.size());
        int to = Math.min(from + limit, now.size());
        var placed = new ArrayList<Changes.Placed>();
        for (int index = from; index < to; index++) {
            placed.add(new Changes.Placed(new Changes.Position(index + 1L, 0), now.get(index)));
        }
        return new Changes.Page(after.transaction() > now.size(), placed, new Changes.Position(to, 0));
    }

    @Override
    public Opening open(ManagedContainer container, Wish asked) {
        wish = asked;
        return log;
    }

    @Override
    public void publish(Command command, String key) throws PublishingFailed {
        if (kafkaAway) {
            throw new PublishingFailed("no broker answers", null);
        }
        published.add(command);
        keys.add(key);
        if (executes) {
            record(command, CommandViews.Progress.ENDED);
        }
    }

    private void failIfAway() throws ViewUnavailable {
        if (recordsAway) {
            throw new ViewUnavailable("no connection", null);
        }
    }
}
