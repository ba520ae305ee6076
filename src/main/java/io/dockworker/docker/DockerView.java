package io.dockworker.docker;

import io.dockworker.command.ContainerId;
import io.dockworker.command.ContainerSnapshot;
import io.dockworker.execution.ContainerEngine.Inspection;
import io.dockworker.observation.EngineView;
import java.time.Duration;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionService;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** The engine as observation sees it: many containers are inspected side by side. For one thread at a time. */
final class DockerView implements EngineView {
    private static final int AT_A_TIME = 16;
    private static final Duration PATIENCE = Duration.ofSeconds(2);
    private static final Duration LITTLE = Duration.ofMillis(200);

    private final DockerEngine engine;
    private final Duration limit;
    private final Set<ContainerId> silent = new HashSet<>();
    private Duration patience = PATIENCE;

    /** The managed containers, or why they could not be had. */
    sealed interface Listing {
        record Containers(Set<ContainerId> ids) implements Listing {}

        record Away(String reason) implements Listing {}
    }

    /** What one inspection came to. */
    private record Answer(ContainerId container, Inspection inspection) {}

    /** @param limit how long a single inspection may take */
    DockerView(DockerEngine engine, Duration limit) {
        this.engine = engine;
        this.limit = limit;
    }

    @Override
    public Optional<Set<ContainerId>> list() {
        if (!(engine.list() instanceof Listing.Containers(var ids))) {
            return Optional.empty();
        }
        silent.retainAll(ids);
        return Optional.of(ids);
    }

    /**
     * One that does not answer, as Docker 20.10 does not while it waits for the healthcheck of a paused container, is left
     * out once all others have answered: two seconds after the last of them, and hardly at all where it was silent before.
     * An engine that is slow with all of them gets more time at the next look.
     */
    @Override
    public Map<ContainerId, Optional<ContainerSnapshot>> look(Collection<ContainerId> containers) {
        Map<ContainerId, Optional<ContainerSnapshot>> seen = new HashMap<>();
        // Last: they may take up all the threads.
        List<ContainerId> inTurn = containers.stream().sorted(Comparator.comparing(silent::contains)).toList();
        Set<ContainerId> awaited = new HashSet<>(containers);
        awaited.removeAll(silent);
        boolean suspectsAlone = awaited.isEmpty();
        long begin = System.nanoTime();
        ExecutorService threads = Executors.newFixedThreadPool(AT_A_TIME, Thread.ofVirtual().factory());
        try {
            CompletionService<Answer> answers = new ExecutorCompletionService<>(threads);
            inTurn.forEach(id -> answers.submit(() -> new Answer(id, engine.inspect(id.value()))));
            for (int asked = inTurn.size(); asked > 0; asked--) {
                Duration wait = awaited.isEmpty() && !suspectsAlone ? LITTLE : patience;
                Future<Answer> next = answers.poll(wait.toNanos(), TimeUnit.NANOSECONDS);
                if (next == null || (seen.isEmpty() && System.nanoTime() - begin > limit.toNanos())) {
                    break;
                }
                Answer answer = next.get();
                awaited.remove(answer.container());
                switch (answer.inspection()) {
                    case Inspection.Seen(var container) -> seen.put(answer.container(), Optional.of(container));
                    case Inspection.Absent _ -> seen.put(answer.container(), Optional.empty());
                    case Inspection.Away _ -> {
                        // Left out, too.
                    }
                }
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException e) {
            throw new IllegalStateException("cannot read what the engine said: " + e.getCause(), e);
        } finally {
            threads.shutdownNow();
        }
        silent.addAll(containers);
        silent.removeAll(seen.keySet());
        patience = seen.isEmpty() && patience.compareTo(limit) < 0 ? patience.multipliedBy(2) : PATIENCE;
        return seen;
    }
}
