package io.dockworker.execution;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.dockworker.command.Command;
import io.dockworker.command.Command.Replace.Order;
import io.dockworker.command.CommandId;
import io.dockworker.command.CommandType;
import io.dockworker.command.ContainerId;
import io.dockworker.command.ContainerName;
import io.dockworker.command.ContainerSnapshot;
import io.dockworker.command.ContainerSpec;
import io.dockworker.command.ContainerStatus;
import io.dockworker.command.ErrorCode;
import io.dockworker.command.Failure;
import io.dockworker.command.Header;
import io.dockworker.command.HostId;
import io.dockworker.command.ImageName;
import io.dockworker.command.ImagePull;
import io.dockworker.command.MemorySize;
import io.dockworker.command.NetworkSpec;
import io.dockworker.command.Outcome;
import io.dockworker.command.PortMapping;
import io.dockworker.command.ProcessSpec;
import io.dockworker.command.PullPolicy;
import io.dockworker.command.Resources;
import io.dockworker.command.RestartPolicy;
import io.dockworker.command.SpecChange;
import io.dockworker.command.SpecField;
import io.dockworker.command.Target;
import io.dockworker.journal.Work;
import io.dockworker.journal.WorkKey;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The table of docs/VERBS.md, held against an engine: the deciding core does each verb to a container in each state. */
public abstract class VerbContract {
    private static final Path TABLE = Path.of("docs", "VERBS.md");
    /** It ignores SIGTERM, so that it is stopped when its grace period is over: a second is enough to see that. */
    private static final ProcessSpec IDLE = new ProcessSpec(Map.of(), List.of(), List.of("sleep", "600"),
            Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), Optional.of(Duration.ofSeconds(1)));
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    /** One cell: what becomes of a verb in a state. */
    private record Cell(CommandType verb, String state, String expected) {}

    protected abstract ContainerEngine engine();

    protected abstract ImageName image();

    protected abstract Instant now();

    /** Lets time pass. */
    protected abstract void pause(Duration time) throws InterruptedException;

    /** Brings a fresh container, made but never started, into a state; throws if it does not get there. */
    protected abstract void bring(ContainerId container, ContainerStatus state) throws Exception;

    /** Whether a container stays in the state `removing` until it is released: the one column that may be left out. */
    protected abstract boolean holdsRemovals();

    /** Ends what holds a container in a passing state. */
    protected void release(ContainerId container) {}

    /** How many cells at once. */
    protected abstract int parallelism();

    @TestFactory
    Stream<DynamicTest> everyVerbDoesInEveryStateWhatTheTableSays() throws Exception {
        List<Cell> cells = cells();
        try (ExecutorService threads = Executors.newFixedThreadPool(parallelism(), Thread.ofVirtual().factory())) {
            List<Future<String>> ends = threads.invokeAll(
                    cells.stream().map(cell -> (Callable<String>) () -> end(cell)).toList());
            return Stream.iterate(0, i -> i < cells.size(), i -> i + 1)
                    .map(i -> DynamicTest.dynamicTest(cells.get(i).verb() + " when " + cells.get(i).state(),
                            () -> assertEquals(cells.get(i).expected(), asPrecise(ends.get(i).get(), cells.get(i)))));
        }
    }

    @Test
    void aReplacementThatIsToStartFirstFailsWhereThePortIsTheOldOnesWhichGoesOnRunning() throws Exception {
        ContainerName name = new ContainerName("dockertest-" + UUID.randomUUID().toString().substring(0, 13));
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        ContainerSpec spec = ContainerSpec.of(image()).with(ImagePull.of(PullPolicy.NEVER)).with(name)
                .with(IDLE)
                .with(NetworkSpec.publishing(List.of(PortMapping.parse("80/tcp", "127.0.0.1", port))));
        try {
            Optional<ContainerId> old = Optional.of(make(name, spec));
            engine().call(new EngineCall.Start(old.get()), PATIENCE);
            var before = engine().inspect(name.value());
            Failure failure = run(work(replace(name, spec, Optional.of(Order.START_FIRST)), old, spec), old).failure()
                    .orElseThrow();
            assertEquals(ErrorCode.PORT_IN_USE, failure.code(), failure.message());
            assertEquals(Optional.of("/ports/80~1tcp"), failure.field());
            assertEquals(before, engine().inspect(name.value()));

            Outcome without = run(work(replace(name, spec, Optional.empty()), old, spec), old);
            assertEquals(Optional.empty(), without.failure());
            assertNotEquals(before, engine().inspect(name.value()));
        } finally {
            remove(name.value());
        }
    }

    private static String asPrecise(String end, Cell cell) {
        return cell.expected().length() == 1 ? end.substring(0, 1) : end;
    }

    private List<Cell> cells() throws IOException {
        List<List<String>> rows = Files.readAllLines(TABLE).stream().filter(line -> line.startsWith("|"))
                .map(line -> Stream.of(line.substring(1).split("\\|")).map(String::strip).toList()).toList();
        List<String> states = rows.getFirst();
        List<Cell> cells = new ArrayList<>();
        for (List<String> row : rows.subList(2, rows.size())) {
            for (int column = 1; column < states.size(); column++) {
                if (states.get(column).equals("removing") && !holdsRemovals()) {
                    continue;
                }
                cells.add(new Cell(CommandType.parse(row.getFirst()).orElseThrow(), states.get(column),
                        row.get(column)));
            }
        }
        return cells;
    }

    private String end(Cell cell) throws Exception {
        ContainerName name = new ContainerName("dockertest-" + UUID.randomUUID().toString().substring(0, 13));
        boolean crashes = cell.state().equals("restarting");
        ContainerSpec spec = ContainerSpec.of(image()).with(ImagePull.of(PullPolicy.NEVER)).with(name)
                .with(crashes ? IDLE.withCommand(List.of("false")) : IDLE).with(NetworkSpec.mode("none"))
                .with(new Resources(Optional.empty(), Optional.of(MemorySize.parse("32m")), Optional.empty(),
                        OptionalLong.empty(), Optional.empty()));
        Optional<ContainerId> container = Optional.empty();
        try {
            if (!cell.state().equals("absent")) {
                container = Optional.of(make(name, spec));
                bring(container.get(), ContainerStatus.parse(cell.state()));
            }
            Outcome outcome = run(work(command(cell.verb(), name, spec), container, spec), container);
            return outcome.failure().map(failure -> failure.code().name())
                    .orElseGet(() -> word(cell.verb(), outcome, name));
        } finally {
            container.ifPresent(this::release);
            for (String left : List.of(name.value(), name.value() + "-new")) {
                remove(left);
            }
        }
    }

    private ContainerId make(ContainerName name, ContainerSpec spec) {
        var create = new EngineCall.Create(name, restarting(spec), Map.of("managed-by", image().given()));
        return ((ContainerEngine.Answer.Done) engine().call(create, PATIENCE)).id().orElseThrow();
    }

    /** What crashes is to be started again and again. */
    private static ContainerSpec restarting(ContainerSpec spec) {
        boolean crashes = spec.process().command().equals(List.of("false"));
        return crashes ? spec.with(new RestartPolicy(RestartPolicy.Name.ALWAYS, 0)) : spec;
    }

    private void remove(String name) {
        if (engine().inspect(name) instanceof ContainerEngine.Inspection.Seen(ContainerSnapshot left)) {
            engine().call(new EngineCall.Remove(left.id(), true, true), PATIENCE);
        }
    }

    private String word(CommandType verb, Outcome outcome, ContainerName name) {
        String shown = verb == CommandType.RENAME ? name.value() + "-new" : name.value();
        String state = engine().inspect(shown) instanceof ContainerEngine.Inspection.Seen(ContainerSnapshot seen)
                ? seen.status().toString()
                : "gone";
        String mark = outcome.changed() ? "→ " : "= ";
        return state.equals("gone") && outcome.changed() ? state : mark + state;
    }

    private static Command command(CommandType verb, ContainerName name, ContainerSpec spec) {
        Header header = Header.of(new CommandId(UUID.randomUUID().toString()));
        var target = new Target.One(name.value());
        return switch (verb) {
            case CREATE -> new Command.Create(header, spec, 1, true);
            case START -> new Command.Start(header, target);
            case STOP -> new Command.Stop(header, target, Optional.of(Duration.ZERO), Optional.empty());
            case RESTART -> new Command.Restart(header, target, Optional.of(Duration.ZERO), Optional.empty());
            case PAUSE -> new Command.Pause(header, target);
            case UNPAUSE -> new Command.Unpause(header, target);
            case KILL -> new Command.Kill(header, target, "SIGKILL", false);
            case REMOVE -> new Command.Remove(header, target, true, false);
            case RENAME -> new Command.Rename(header, target, new ContainerName(name.value() + "-new"));
            case UPDATE -> new Command.Update(header, target, new Resources(Optional.empty(),
                    Optional.of(MemorySize.parse("48m")), Optional.empty(), OptionalLong.empty(), Optional.empty()));
            case REPLACE -> replace(name, spec, Optional.empty());
            case PULL, CANCEL -> throw new IllegalArgumentException(verb + " is not about a container");
        };
    }

    private static Command.Replace replace(ContainerName name, ContainerSpec spec, Optional<Order> order) {
        return new Command.Replace(Header.of(new CommandId(UUID.randomUUID().toString())),
                new Target.One(name.value()),
                new SpecChange(spec.with(IDLE), Set.of(SpecField.COMMAND)), order);
    }

    private Work work(Command command, Optional<ContainerId> container, ContainerSpec spec) {
        boolean create = command instanceof Command.Create;
        return new Work(new WorkKey(command.id(), 0), command, new HostId("verbs"), 1, 1,
                create ? Optional.empty() : container, container.isPresent(), Optional.of(spec), Optional.of("spec"),
                new byte[0], 0, 0,
                Optional.empty(), now(), now().plus(PATIENCE), Optional.empty(), Optional.empty(), now(), 0);
    }

    /** The shell of execution without a journal. */
    private Outcome run(Work work, Optional<ContainerId> container) throws InterruptedException {
        Run run = Run.of(work);
        Observation observation = new Observation.Handed();
        while (true) {
            Decider.Move move = Decider.next(run, observation, now());
            run = move.run();
            switch (move.step()) {
                case Step.Commit _ -> observation = new Observation.Committed();
                case Step.Note _ -> observation = new Observation.Noted();
                case Step.Call(EngineCall call) ->
                    observation = new Observation.Answered(engine().call(call, PATIENCE));
                case Step.Inspect(List<String> subjects) ->
                    observation = new Observation.Looked(subjects.stream().map(engine()::inspect).toList());
                case Step.EnsureImage(var image, var pull) ->
                    observation = new Observation.Image(engine().ensureImage(image, pull, PATIENCE));
                case Step.Wait(Duration time) -> {
                    container.ifPresent(this::release);
                    pause(time);
                    observation = new Observation.Waited();
                }
                case Step.Complete(Outcome outcome) -> {
                    return outcome;
                }
            }
        }
    }
}
