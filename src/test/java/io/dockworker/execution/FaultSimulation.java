package io.dockworker.execution;

import io.dockworker.command.Command;
import io.dockworker.command.Command.Replace.Order;
import io.dockworker.command.CommandId;
import io.dockworker.command.ContainerName;
import io.dockworker.command.ContainerSnapshot;
import io.dockworker.command.ContainerSpec;
import io.dockworker.command.Header;
import io.dockworker.command.HostId;
import io.dockworker.command.ImageName;
import io.dockworker.command.ImagePull;
import io.dockworker.command.ProcessSpec;
import io.dockworker.command.PullPolicy;
import io.dockworker.command.SpecChange;
import io.dockworker.command.SpecField;
import io.dockworker.command.Target;
import io.dockworker.journal.MemoryJournal;
import io.dockworker.kafka.OutboundRecord;
import io.dockworker.wire.CommandEncoder;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Two hosts with a worker and an engine each, a database and a broker, on one thread and in virtual time. The seed decides
 * everything: what is asked, when, how long each thing takes, and what goes wrong. Intake, acceptance, the core, the
 * sharing of commits and the relay are those of production; database, broker and engine are in memory, and the one that
 * stands for PostgreSQL is held against it by {@code JournalIT}, the one that stands for Docker by
 * {@link ContainerEngineContract}.
 */
final class FaultSimulation implements InstantSource {
    static final String TOPIC = "commands";
    static final MeterRegistry METERS = new SimpleMeterRegistry();
    static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    private static final Instant END = START.plus(Duration.ofMinutes(15));
    private static final int LATE_MILLIS = 10_000;
    private static final int TROUBLE_MILLIS = 40_000;
    private static final int MAX_DEPTH = 4;
    private static final long MAX_STEPS = 1_000_000;
    private static final ImageName IMAGE = new ImageName("fake/tools:1");
    private static final int NAMES = 4;
    private static final CommandEncoder ENCODER = new CommandEncoder();

    /** The production core, or one with a planted bug. */
    @FunctionalInterface
    interface Core {
        Decider.Move next(Run run, Observation observation, Instant now);
    }

    /** What runs: production, or what breaks a rule of it. */
    record Build(Core core, Set<MemoryJournal.Flaw> journal, Set<MemoryBroker.Flaw> broker) {
        static final Build PRODUCTION = of(Decider::next);

        static Build of(Core core) {
            return new Build(core, Set.of(), Set.of());
        }
    }

    private record Event(Instant at, long order, Runnable action) {}

    final Random random;
    final Core core;
    final MemoryBroker broker;
    final MemoryJournal journal;
    final Auditor auditor;
    final int killsPerThousand;
    final int faultsPerHundred;
    final List<SimulatedHost> hosts = new ArrayList<>();
    boolean databaseAway;
    boolean brokerAway;
    private final Consumer<Supplier<String>> trace;
    private final PriorityQueue<Event> queue = new PriorityQueue<>(
            Comparator.comparing(Event::at).thenComparingLong(Event::order));
    private final Set<String> refused = new HashSet<>();
    private Duration databaseSkew = Duration.ZERO;
    private Instant now = START;
    private long scheduled;
    private long steps;
    private int depth;
    private int toProduce;

    FaultSimulation(long seed, Build build, Consumer<Supplier<String>> trace) {
        random = new Random(seed);
        core = build.core();
        this.trace = trace;
        auditor = new Auditor(this);
        broker = new MemoryBroker(build.broker(), this::refuses);
        journal = new MemoryJournal(() -> now.plus(databaseSkew), build.journal(), auditor::atEnd);
        killsPerThousand = pick(0, 10, 40, 150);
        faultsPerHundred = pick(0, 10, 30, 60);
        hosts.add(new SimulatedHost(this, new HostId("a"), seed, IMAGE));
        hosts.add(new SimulatedHost(this, new HostId("b"), ~seed, IMAGE));
    }

    /** Some are too large for the broker; what is sent in their place is not. */
    private boolean refuses(OutboundRecord record) {
        return random.nextInt(100) == 0 && refused.add(record.headers().stream()
                .filter(header -> header.name().equals("ce_id"))
                .map(header -> new String(header.value(), StandardCharsets.UTF_8)).findFirst().orElse(record.topic()));
    }

    @Override
    public Instant instant() {
        return now;
    }

    /** @throws AssertionError at the first promise that is broken */
    void run() {
        if (random.nextInt(4) == 0) {
            strangers(0);
        }
        if (random.nextInt(4) == 0) {
            at(random.nextInt(20_000), () -> strangers(random.nextInt(NAMES)));
        }
        int commands = 6 + random.nextInt(16);
        for (int i = 0; i < commands; i++) {
            ask(new CommandId("c" + i), i);
        }
        int troubles = random.nextInt(6);
        for (int i = 0; i < troubles; i++) {
            at(random.nextInt(TROUBLE_MILLIS), this::trouble);
        }
        while (!isDone()) {
            next();
        }
        // What was sent to an engine and never answered may still take effect.
        pass(LATE_MILLIS);
        auditor.atTheEnd();
    }

    private boolean isDone() {
        if (toProduce > 0 || !journal.isAtRest()) {
            return false;
        }
        for (int partition = 0; partition < MemoryBroker.PARTITIONS; partition++) {
            if (journal.taken(TOPIC, partition) < broker.end(partition)) {
                return false;
            }
        }
        return true;
    }

    private void next() {
        Event event = queue.remove();
        now = event.at().isAfter(now) ? event.at() : now;
        steps++;
        if (steps > MAX_STEPS || now.isAfter(END)) {
            throw new AssertionError("stalled: "
                    + journal.entries().stream().filter(entry -> entry.outcome().isEmpty()).toList());
        }
        event.action().run();
    }

    /** Lets time pass for whoever waits in the middle of something: the others act. */
    void pass(int millis) {
        Instant end = now.plusMillis(millis);
        if (depth < MAX_DEPTH) {
            depth++;
            while (!queue.isEmpty() && queue.peek().at().isBefore(end)) {
                next();
            }
            depth--;
        }
        now = end.isAfter(now) ? end : now;
    }

    void at(int millis, Runnable action) {
        queue.add(new Event(now.plusMillis(millis), scheduled++, action));
    }

    /** Somebody uses the engines directly, and has names that commands are to give. */
    private void strangers(int name) {
        trace(() -> "strangers take names");
        for (SimulatedHost host : hosts) {
            for (ContainerName taken : List.of(name(name), other(name(name)))) {
                List<ContainerSnapshot> before = host.engine.containers();
                host.engine.apply(new EngineCall.Create(taken, spec(taken), Map.of()));
                host.engine.containers().stream().filter(one -> !before.contains(one))
                        .forEach(auditor::isStrangers);
            }
        }
    }

    /** One command, with copies of it and what is no command among them. */
    private void ask(CommandId id, int number) {
        int lane = number < NAMES ? number : random.nextInt(NAMES);
        // First of all there is something to work on.
        int at = random.nextInt(number < NAMES ? 5_000 : 20_000);
        int home = lane % MemoryBroker.PARTITIONS;
        int copies = random.nextInt(4) == 0 ? 1 + random.nextInt(3) : 1;
        boolean wanders = random.nextInt(3) == 0;
        Command command = command(id, name(lane), number, at);
        byte[] value = ENCODER.encode(command);
        boolean inTurn = (copies == 1 || !wanders) && command.key().equals(name(lane).value());
        auditor.asked(command, inTurn ? OptionalLong.of(at * 1_000L + number) : OptionalLong.empty());
        for (int copy = 0; copy < copies; copy++) {
            int partition = copy > 0 && wanders ? random.nextInt(MemoryBroker.PARTITIONS) : home;
            produce(at + (copy == 0 ? 0 : random.nextInt(20_000)), partition, command.key(), value);
        }
        if (random.nextInt(12) == 0) {
            Command other = command(id, name(lane), number, at);
            if (!ENCODER.hash(other).equals(ENCODER.hash(command))) {
                auditor.expectsDeadLetter(copies);
                auditor.asked(other, OptionalLong.empty());
                produce(at + random.nextInt(20_000), home, other.key(), ENCODER.encode(other));
            }
        }
        if (random.nextInt(12) == 0) {
            auditor.expectsDeadLetter(0);
            produce(at, home, "none", "no JSON".getBytes(StandardCharsets.UTF_8));
        }
    }

    private void produce(int at, int partition, String key, byte[] value) {
        toProduce++;
        at(at, () -> {
            toProduce--;
            trace(() -> "produced to " + partition + ": " + new String(value, StandardCharsets.UTF_8));
            broker.produce(partition, random.nextInt(2), key.getBytes(StandardCharsets.UTF_8), value);
        });
    }

    private void trouble() {
        SimulatedHost host = hosts.get(random.nextInt(hosts.size()));
        int millis = millis(random.nextInt(4) == 0 ? 60_000 : 5_000);
        switch (random.nextInt(8)) {
            case 0, 1 -> host.engineTrouble();
            case 2 -> {
                trace(() -> "the database goes away for " + millis + " ms");
                databaseAway = true;
                at(millis, () -> databaseAway = false);
            }
            case 3 -> {
                trace(() -> "the broker goes away for " + millis + " ms");
                brokerAway = true;
                at(millis, () -> brokerAway = false);
            }
            case 4 -> host.worker().ifPresent(worker -> worker.freeze(Duration.ofMillis(millis)));
            case 5 -> {
                trace(() -> "clocks step");
                databaseSkew = Duration.ofMillis(random.nextInt(-20_000, 20_000));
                host.skew = Duration.ofMillis(random.nextInt(-20_000, 20_000));
            }
            case 6 -> {
                trace(() -> "another worker takes over " + host.id);
                host.startWorker();
            }
            default -> rebalance();
        }
    }

    /** Partitions are shared out anew; who had one finds out when it polls again. */
    void rebalance() {
        for (int partition = 0; partition < MemoryBroker.PARTITIONS; partition++) {
            List<SimulatedHost> alive = hosts.stream().filter(host -> host.worker().isPresent()).toList();
            if (!alive.isEmpty()) {
                broker.assign(partition, alive.get(random.nextInt(alive.size())).id);
            }
        }
        // A member that has died is missed after a while.
        at(millis(10_000), () -> {
            if (hosts.stream().anyMatch(host -> host.worker().isEmpty())) {
                rebalance();
            }
        });
    }

    private Command command(CommandId id, ContainerName name, int number, int at) {
        Header header = new Header(id, random.nextInt(12) == 0
                ? Optional.of(hosts.get(random.nextInt(hosts.size())).id)
                : Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(),
                random.nextInt(10) == 0 ? Optional.of(START.plusMillis(at + millis(5_000))) : Optional.empty(),
                Optional.of(Duration.ofSeconds(5 + random.nextInt(60))));
        var one = new Target.One(name.value());
        Target target = random.nextInt(12) == 0 ? new Target.AllOf(IMAGE) : one;
        return switch (random.nextInt(number < NAMES ? 3 : 24)) {
            case 0, 1, 2 -> new Command.Create(header, spec(name), random.nextInt(8) == 0 ? 2 : 1,
                    random.nextInt(4) > 0);
            case 3, 4 -> new Command.Start(header, target);
            case 5 -> new Command.Stop(header, target, Optional.empty(), Optional.empty());
            case 6, 7, 8 -> new Command.Restart(header, target, Optional.empty(), Optional.empty());
            case 9, 10 -> new Command.Pause(header, target);
            case 11 -> new Command.Unpause(header, target);
            case 12, 13, 14, 15 -> new Command.Kill(header, one, random.nextInt(4) == 0 ? "SIGKILL" : "SIGHUP",
                    random.nextInt(3) == 0);
            case 16, 17, 18 -> new Command.Replace(header, one,
                    new SpecChange(spec(other(name)), random.nextInt(3) == 0
                            ? Set.of(SpecField.COMMAND, SpecField.NAME)
                            : Set.of(SpecField.COMMAND)),
                    Optional.of(random.nextBoolean() ? Order.START_FIRST : Order.STOP_FIRST));
            case 19, 20 -> new Command.Rename(header, one, random.nextBoolean() ? other(name) : name);
            case 21 -> new Command.Cancel(header, new CommandId("c" + random.nextInt(number + 3)));
            default -> new Command.Remove(header, target, random.nextBoolean(), false);
        };
    }

    private ContainerSpec spec(ContainerName name) {
        return ContainerSpec.of(IMAGE).with(name).with(ImagePull.of(PullPolicy.NEVER))
                .with(ProcessSpec.of(List.of(random.nextInt(5) == 0 ? "true" : "serve")));
    }

    private static ContainerName name(int lane) {
        return new ContainerName("lane-" + lane);
    }

    /** The name that some give. */
    private static ContainerName other(ContainerName name) {
        return new ContainerName(name + "-b");
    }

    int millis(int bound) {
        return random.nextInt(bound);
    }

    private int pick(int... values) {
        return values[random.nextInt(values.length)];
    }

    /** Text is made only where somebody reads it. */
    void trace(Supplier<String> line) {
        trace.accept(() -> Duration.between(START, now) + " " + line.get());
    }
}
