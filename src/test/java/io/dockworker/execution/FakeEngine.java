package io.dockworker.execution;

import io.dockworker.command.ContainerId;
import io.dockworker.command.ContainerSnapshot;
import io.dockworker.command.ContainerSnapshot.Binding;
import io.dockworker.command.ContainerSpec;
import io.dockworker.command.ContainerStatus;
import io.dockworker.command.ErrorCode;
import io.dockworker.command.Failure;
import io.dockworker.command.ImageName;
import io.dockworker.command.Labels;
import io.dockworker.command.PortMapping;
import io.dockworker.command.PullPolicy;
import io.dockworker.execution.ContainerEngine.Answer.Reason;
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
    private final Set<String> registry = new TreeSet<>();
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
    public synchronized Answer call(EngineCall call) {
        return away.isPresent() ? new Answer.NotSent(away.get()) : apply(call);
    }

    @Override
    public synchronized Listing list() {
        return away.isPresent()
                ? new Listing.Away(away.get())
                : new Listing.Containers(containers().stream().filter(ContainerSnapshot::isManaged).toList());
    }

    @Override
    public synchronized ImagePresence ensureImage(ImageName image, PullPolicy policy) {
        if (away.isPresent()) {
            return new ImagePresence.Away(away.get());
        }
        if (policy != PullPolicy.ALWAYS && images.contains(image.normal())) {
            return new ImagePresence.Present(false);
        }
        if (policy != PullPolicy.NEVER && registry.contains(image.normal())) {
            images.add(image.normal());
            return new ImagePresence.Present(true);
        }
        return new ImagePresence.Missing(Failure.of(ErrorCode.IMAGE_NOT_FOUND, "no image " + image));
    }

    /** Puts an image on the host. */
    public synchronized FakeEngine withImage(ImageName image) {
        images.add(image.normal());
        return this;
    }

    /** Puts an image where it can be pulled from. */
    public synchronized FakeEngine withImageInRegistry(ImageName image) {
        registry.add(image.normal());
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
        update(id, ContainerStatus.EXITED, containers.get(id).seen().startedAt(), Optional.of(now()), code);
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
            case EngineCall.Start start -> containers.containsKey(start.id()) ? start(start.id()) : absent(start.id());
            case EngineCall.Stop stop -> containers.containsKey(stop.id()) ? stop(stop.id()) : absent(stop.id());
            case EngineCall.Remove remove ->
                containers.containsKey(remove.id()) ? remove(remove.id(), remove.force()) : absent(remove.id());
        };
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
        containers.put(id,
                new Made(spec, new ContainerSnapshot(id, create.name().value(), image,
                        "sha256:" + Integer.toHexString(spec.image().normal().hashCode()), ContainerStatus.CREATED,
                        now(), Optional.empty(), Optional.empty(), 0, false, "", create.labels(), Map.of(),
                        spec.resources().cpu(), spec.resources().memory())));
        return new Answer.Done(Optional.of(id));
    }

    private Answer start(ContainerId id) {
        Made made = containers.get(id);
        if (made.seen().isUp()) {
            return DONE;
        }
        if (made.spec().ports().stream().anyMatch(port -> port.hostPort() != 0 && isTaken(port.hostPort()))) {
            return new Answer.Unknown("500: port is already allocated");
        }
        update(id, ContainerStatus.RUNNING, Optional.of(now()), made.seen().finishedAt(), 0);
        List<String> command = made.spec().command();
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

    private void update(ContainerId id, ContainerStatus status, Optional<Instant> started, Optional<Instant> finished,
            int exitCode) {
        Made made = containers.get(id);
        ContainerSnapshot was = made.seen();
        Map<String, List<Binding>> ports = status == ContainerStatus.RUNNING ? publish(made.spec()) : Map.of();
        containers.put(id,
                new Made(made.spec(),
                        new ContainerSnapshot(id, was.name(), was.image(), was.imageId(), status, was.createdAt(),
                                started, finished, exitCode, false, "", was.labels(), ports, was.cpuLimit(),
                                was.memoryLimit())));
    }

    private Map<String, List<Binding>> publish(ContainerSpec spec) {
        var published = new TreeMap<String, List<Binding>>();
        int free = FIRST_FREE_PORT;
        for (PortMapping port : spec.ports()) {
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
