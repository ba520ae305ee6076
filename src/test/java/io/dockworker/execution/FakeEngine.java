package io.dockworker.execution;

import io.dockworker.command.ContainerId;
import io.dockworker.command.ContainerSnapshot;
import io.dockworker.command.ContainerSnapshot.Binding;
import io.dockworker.command.ContainerSpec;
import io.dockworker.command.ContainerState;
import io.dockworker.command.ContainerStatus;
import io.dockworker.command.ErrorCode;
import io.dockworker.command.Failure;
import io.dockworker.command.ImageName;
import io.dockworker.command.ImagePull;
import io.dockworker.command.Labels;
import io.dockworker.command.Limits;
import io.dockworker.command.PortMapping;
import io.dockworker.command.PullPolicy;
import io.dockworker.command.Resources;
import io.dockworker.execution.ContainerEngine.Answer.Reason;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * An engine in memory that answers as Docker does. The same seed, clock and calls give the same ids and times. A process
 * stays up, but for the commands {@code true} and {@code false}, which end at once.
 *
 * <p>
 * Everything it does to a container goes through {@link #apply}: what loses an answer applies the call and says
 * something else, what delays an effect keeps the call and applies it later.
 */
public class FakeEngine implements ContainerEngine {
    private static final Answer DONE = new Answer.Done(Optional.empty());
    private static final int FIRST_FREE_PORT = 32_768;
    private static final int KILLED = 137;

    private final Random random;
    private final InstantSource clock;
    private final Map<ContainerId, Made> containers = new LinkedHashMap<>();
    private final Set<String> images = new TreeSet<>();
    private final List<EngineCall> applied = new ArrayList<>();
    private Instant latest = Instant.EPOCH;
    private Optional<String> away = Optional.empty();

    /** A container and what it was made of. */
    private record Made(ContainerSpec spec, ContainerSnapshot seen) {}

    public FakeEngine(long seed, InstantSource clock) {
        random = new Random(seed);
        this.clock = clock;
    }

    @Override
    public synchronized Inspection inspect(String nameOrId) {
        if (away.isPresent()) {
            return new Inspection.Away(away.get());
        }
        return find(nameOrId).<Inspection>map(Inspection.Seen::new).orElseGet(Inspection.Absent::new);
    }

    @Override
    public synchronized Answer call(EngineCall call, Duration atMost) {
        return away.isPresent() ? new Answer.NotSent(away.get()) : apply(call);
    }

    @Override
    public synchronized ImagePresence ensureImage(ImageName image, ImagePull pull, Duration atMost) {
        PullPolicy policy = pull.policy();
        if (away.isPresent()) {
            return new ImagePresence.Away(away.get());
        }
        if (policy != PullPolicy.ALWAYS && images.contains(image.normal())) {
            return new ImagePresence.Present(false);
        }
        return new ImagePresence.Missing(Failure.of(ErrorCode.IMAGE_NOT_FOUND, "no image " + image));
    }

    /** Puts an image on the host. */
    public synchronized FakeEngine withImage(ImageName image) {
        images.add(image.normal());
        return this;
    }

    /** From now on nothing reaches the engine, for this reason; empty: all does again. Containers do not notice. */
    public synchronized void setAway(Optional<String> reason) {
        away = reason;
    }

    /** Kills what runs, as an engine does that is restarted. */
    public synchronized void restart() {
        containers().stream().filter(ContainerSnapshot::isUp).forEach(one -> exit(one.id(), KILLED));
    }

    /** Ends a container's process. */
    public synchronized void exit(ContainerId id, int code) {
        change(id, was -> ended(was, code));
    }

    private ContainerSnapshot ended(ContainerSnapshot was, int code) {
        return published(was.with(ContainerState.of(ContainerStatus.EXITED, was.startedAt(), Optional.of(now()), code)),
                Map.of());
    }

    /** Brings a container into any state, also one that no call leads to. */
    public synchronized void force(ContainerId id, ContainerStatus status) {
        switch (status) {
            case CREATED -> {
            }
            case RUNNING, PAUSED, RESTARTING, REMOVING, DEAD -> change(id,
                    was -> was.with(ContainerState.running(now()).with(status)));
            case EXITED -> change(id, was -> ended(was.with(ContainerState.running(now())), 0));
        }
    }

    /** A removal that was under way comes to its end. */
    public synchronized void endRemoval(ContainerId id) {
        if (containers.containsKey(id) && containers.get(id).seen().status() == ContainerStatus.REMOVING) {
            containers.remove(id);
        }
    }

    /** Every container, managed or not, oldest first. */
    public synchronized List<ContainerSnapshot> containers() {
        return containers.values().stream().map(Made::seen).toList();
    }

    /** Every call that took effect or was refused, in order: the engine's own log. */
    public synchronized List<EngineCall> applied() {
        return List.copyOf(applied);
    }

    /** Does it, whether or not the engine can be reached by others. */
    protected synchronized Answer apply(EngineCall call) {
        applied.add(call);
        return switch (call) {
            case EngineCall.Create create -> create(create);
            case EngineCall.Start start -> existing(start.id(), this::start);
            case EngineCall.Stop stop -> existing(stop.id(), this::stop);
            case EngineCall.Remove remove -> existing(remove.id(), id -> remove(id, remove.force()));
            case EngineCall.Connect connect -> existing(connect.id(), id -> connect(id, connect.network()));
            case EngineCall.Pause pause -> existing(pause.id(),
                    id -> from(id, ContainerStatus.RUNNING, ContainerStatus.PAUSED));
            case EngineCall.Unpause unpause -> existing(unpause.id(),
                    id -> from(id, ContainerStatus.PAUSED, ContainerStatus.RUNNING));
            case EngineCall.Kill kill -> existing(kill.id(), id -> kill(id, kill.signal()));
            case EngineCall.Rename rename -> existing(rename.id(), id -> rename(id, rename.name().value()));
            case EngineCall.Update update -> existing(update.id(), id -> limit(id, update.limits()));
        };
    }

    private Answer existing(ContainerId id, Function<ContainerId, Answer> act) {
        return containers.containsKey(id) ? act.apply(id) : absent(id);
    }

    private Answer connect(ContainerId id, String network) {
        change(id, was -> {
            Set<String> networks = new TreeSet<>(was.networks());
            networks.add(network);
            return new ContainerSnapshot(was.id(), was.name(), was.image(), was.imageId(), was.createdAt(), was.state(),
                    was.labels(), was.ports(), networks, was.limits());
        });
        return DONE;
    }

    private Answer from(ContainerId id, ContainerStatus one, ContainerStatus other) {
        ContainerSnapshot seen = containers.get(id).seen();
        if (seen.status() != one) {
            return new Answer.Refused(Reason.CONFLICT, "Container " + id + " is " + seen.status());
        }
        change(id, was -> was.with(was.state().with(other)));
        return DONE;
    }

    private Answer kill(ContainerId id, String signal) {
        if (!containers.get(id).seen().isUp()) {
            return new Answer.Refused(Reason.CONFLICT, "Container " + id + " is not running");
        }
        if (signal.equals("SIGKILL")) {
            exit(id, KILLED);
        }
        return DONE;
    }

    private Answer rename(ContainerId id, String name) {
        if (containers().stream().anyMatch(other -> other.name().equals(name))) {
            return new Answer.Refused(Reason.CONFLICT, "The container name \"/" + name + "\" is in use");
        }
        change(id, was -> was.withName(name));
        return DONE;
    }

    private Answer limit(ContainerId id, Resources limits) {
        change(id, was -> {
            Limits old = was.limits();
            return new ContainerSnapshot(was.id(), was.name(), was.image(), was.imageId(), was.createdAt(), was.state(),
                    was.labels(), was.ports(), was.networks(),
                    new Limits(limits.cpu().or(old::cpu), limits.memory().or(old::memory),
                            limits.memoryReservation().or(old::memoryReservation),
                            limits.pids().isPresent() ? limits.pids() : old.pids()));
        });
        return DONE;
    }

    private Answer create(EngineCall.Create create) {
        ContainerSpec spec = create.spec();
        if (!images.contains(spec.image().normal())) {
            return new Answer.Refused(Reason.NOT_FOUND, "No such image: " + spec.image());
        }
        if (containers().stream().anyMatch(other -> other.name().equals(create.name().value()))) {
            return new Answer.Refused(Reason.CONFLICT, "The container name \"/" + create.name() + "\" is in use");
        }
        var digits = new byte[32];
        random.nextBytes(digits);
        var id = new ContainerId(HexFormat.of().formatHex(digits));
        String image = create.labels().getOrDefault(Labels.MANAGED_BY, spec.image().given());
        Resources resources = spec.resources();
        containers.put(id,
                new Made(spec, new ContainerSnapshot(id, create.name().value(), image,
                        "sha256:" + Integer.toHexString(spec.image().normal().hashCode()), now(),
                        ContainerState.created(), create.labels(), Map.of(),
                        Set.copyOf(spec.network().networks().stream().limit(1).toList()),
                        new Limits(resources.cpu(), resources.memory(), resources.memoryReservation(),
                                resources.pids()))));
        return new Answer.Done(Optional.of(id));
    }

    private Answer start(ContainerId id) {
        Made made = containers.get(id);
        if (made.seen().isUp()) {
            return DONE;
        }
        Optional<Integer> taken = made.spec().network().ports().stream().map(PortMapping::hostPort)
                .filter(port -> port != 0 && isTaken(port)).findFirst();
        if (taken.isPresent()) {
            return new Answer.Unknown("500",
                    Optional.of("Bind for 0.0.0.0:" + taken.get() + " failed: port is already allocated"));
        }
        change(id, was -> published(was.with(
                ContainerState.of(ContainerStatus.RUNNING, Optional.of(now()), was.finishedAt(), 0)),
                publish(made.spec())));
        List<String> command = made.spec().process().command();
        if (command.equals(List.of("true")) || command.equals(List.of("false"))) {
            exit(id, command.equals(List.of("true")) ? 0 : 1);
        }
        return DONE;
    }

    private Answer stop(ContainerId id) {
        if (containers.get(id).seen().isUp()) {
            exit(id, KILLED);
        }
        return DONE;
    }

    private Answer remove(ContainerId id, boolean force) {
        if (containers.get(id).seen().isUp() && !force) {
            return new Answer.Refused(Reason.CONFLICT, "You cannot remove a running container " + id);
        }
        containers.remove(id);
        return DONE;
    }

    private static Answer absent(ContainerId id) {
        return new Answer.Refused(Reason.NOT_FOUND, "No such container: " + id);
    }

    private Optional<ContainerSnapshot> find(String nameOrId) {
        List<ContainerSnapshot> all = containers();
        Optional<ContainerSnapshot> exact = all.stream()
                .filter(one -> one.id().value().equals(nameOrId) || one.name().equals(nameOrId)).findFirst();
        List<ContainerSnapshot> byPrefix = all.stream().filter(one -> one.id().value().startsWith(nameOrId)).toList();
        return exact.or(() -> byPrefix.size() == 1 ? Optional.of(byPrefix.getFirst()) : Optional.empty());
    }

    private void change(ContainerId id, UnaryOperator<ContainerSnapshot> change) {
        containers.computeIfPresent(id, (_, made) -> new Made(made.spec(), change.apply(made.seen())));
    }

    private static ContainerSnapshot published(ContainerSnapshot was, Map<String, List<Binding>> ports) {
        return new ContainerSnapshot(was.id(), was.name(), was.image(), was.imageId(), was.createdAt(), was.state(),
                was.labels(), ports, was.networks(), was.limits());
    }

    private Map<String, List<Binding>> publish(ContainerSpec spec) {
        var published = new TreeMap<String, List<Binding>>();
        int free = FIRST_FREE_PORT;
        for (PortMapping port : spec.network().ports()) {
            while (isTaken(free)) {
                free++;
            }
            published.computeIfAbsent(port.key(), _ -> new ArrayList<>())
                    .add(new Binding(port.hostIp().isEmpty() ? "0.0.0.0" : port.hostIp(),
                            port.hostPort() == 0 ? free++ : port.hostPort()));
        }
        return published;
    }

    private boolean isTaken(int hostPort) {
        return containers().stream().flatMap(one -> one.ports().values().stream()).flatMap(List::stream)
                .anyMatch(binding -> binding.hostPort() == hostPort);
    }

    /** No two moments of an engine are the same, even where the clock stands still. */
    private Instant now() {
        Instant now = clock.instant();
        latest = now.isAfter(latest) ? now : latest.plusNanos(1);
        return latest;
    }
}
