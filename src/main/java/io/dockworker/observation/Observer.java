package io.dockworker.observation;

import io.dockworker.command.CommandId;
import io.dockworker.command.ContainerEvent;
import io.dockworker.command.ContainerId;
import io.dockworker.command.ContainerSnapshot;
import io.dockworker.command.InvalidValue;
import io.dockworker.command.Labels;
import io.dockworker.journal.Containers;
import io.dockworker.journal.Fence;
import io.dockworker.journal.ManagedContainer;
import io.dockworker.journal.Observations;
import io.dockworker.journal.Observations.Past;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the records in line with the engine: looks at the containers that its stream speaks of, and at all of them every
 * ten seconds and wherever something may have been missed. The truth is in the engine, and the stream says only where to
 * look, and when something happened. One thread looks and another reads the stream, so that it is read quickly.
 */
public final class Observer {
    private static final Logger LOG = LoggerFactory.getLogger(Observer.class);
    private static final Duration RELIST_EVERY = Duration.ofSeconds(10);
    private static final Duration RELIST_AGAIN = Duration.ofSeconds(1);
    private static final Duration TURN = Duration.ofMillis(250);
    private static final int MAX_HINTS = 10_000;
    /** What is told of younger changes is compared with what is on record; a little more than that is read. */
    private static final Duration HORIZON = Story.YOUNG.multipliedBy(2);

    private final EngineView engine;
    private final Containers containers;
    private final Observations observations;
    private final Fence fence;
    private final HintReader hints;
    private final Pending pending = new Pending();
    private final CrashLoops loops = new CrashLoops();
    private long relistAtNanos = System.nanoTime();

    public Observer(EngineView engine, EngineEvents stream, Containers containers, Observations observations,
            Fence fence, MeterRegistry meters) {
        this.engine = engine;
        this.containers = containers;
        this.observations = observations;
        this.fence = fence;
        this.hints = new HintReader(stream, MAX_HINTS, meters);
    }

    /** Reads the stream until it ends or falls silent. */
    public void readOnce() throws InterruptedException {
        hints.readOnce();
    }

    /** Waits a little for the stream to say something, then looks where it is due. */
    public void runOnce() throws InterruptedException {
        take(hints.take(TURN));
        if (hints.hasMissed() || System.nanoTime() - relistAtNanos >= 0) {
            relist();
        } else if (!pending.isEmpty()) {
            look();
        }
    }

    private void take(List<EngineEvents.Hint> news) {
        int dropped = pending.add(news);
        if (dropped > 0) {
            hints.drop(dropped);
        }
    }

    /**
     * Looks at all containers. For the thread of {@link #runOnce}, or before it runs.
     *
     * @return how many containers were left out, since the engine said nothing of them; empty if it said nothing at all
     */
    public OptionalInt relist() {
        relistAtNanos = System.nanoTime() + RELIST_AGAIN.toNanos();
        Instant askedAt = containers.now();
        Optional<Set<ContainerId>> listing = engine.list();
        if (listing.isEmpty()) {
            return OptionalInt.empty();
        }
        // Before the looks: a story needs one that is younger than its hints.
        take(hints.takeNow());
        loops.keep(listing.get());
        pending.keep(listing.get());
        Set<ContainerId> all = new HashSet<>(listing.get());
        all.addAll(containers.missing(fence.host(), listing.get(), askedAt));
        all.addAll(pending.containers());
        Map<ContainerId, Optional<ContainerSnapshot>> seen = new HashMap<>(engine.look(all));
        if (seen.isEmpty() && !all.isEmpty()) {
            return OptionalInt.empty();
        }
        int leftOut = all.size() - seen.size();
        // What was heard of meanwhile has changed, before its look or after: its turn comes with all that was said of it.
        List<EngineEvents.Hint> late = hints.takeNow();
        take(late);
        late.forEach(hint -> seen.remove(hint.container()));
        int messages = judge(seen, askedAt);
        if (messages > 0) {
            LOG.info("relist: {} containers, {} messages to bring the records in line", listing.get().size(),
                    messages);
        }
        relistAtNanos = System.nanoTime() + RELIST_EVERY.toNanos();
        return OptionalInt.of(leftOut);
    }

    private void look() {
        Set<ContainerId> due = pending.due();
        Set<ContainerId> waiting = new HashSet<>(due);
        waiting.removeAll(pending.fresh());
        if (!waiting.isEmpty()) {
            // Once a command is done with a container, it is looked at again.
            Set<String> busy = observations.busy(waiting);
            due.removeIf(id -> waiting.contains(id) && busy.contains(id.value()));
        }
        if (!due.isEmpty()) {
            Instant askedAt = containers.now();
            Map<ContainerId, Optional<ContainerSnapshot>> seen = engine.look(due);
            due.removeAll(seen.keySet());
            pending.gaveNoAnswer(due);
            judge(seen, askedAt);
        }
    }

    /** @return how many messages there are to publish */
    private int judge(Map<ContainerId, Optional<ContainerSnapshot>> seen, Instant askedAt) {
        Instant horizon = askedAt.minus(HORIZON);
        // After a long cut the stream speaks of what is older.
        Instant since = pending.oldest().filter(horizon::isAfter).orElse(horizon);
        Map<ContainerId, Past> pasts = observations.of(fence.host(), makers(seen), since);
        List<ContainerSnapshot> listing = new ArrayList<>();
        List<ContainerId> vanished = new ArrayList<>();
        Map<ContainerId, List<ContainerEvent>> told = new HashMap<>();
        Set<ContainerId> judged = new HashSet<>();
        seen.forEach((id, now) -> {
            Past past = pasts.getOrDefault(id, Past.NONE);
            if (past.isBusy()) {
                pending.putOff(id, now);
                return;
            }
            if (now.isEmpty() && pending.awaitsRemoval(id)) {
                return;
            }
            Optional<List<ContainerEvent>> story = Story.of(fence.host(), past, now, pending.lastSeen(id),
                    pending.heard(id), askedAt, !pending.hasWaited(id));
            if (story.isEmpty()) {
                pending.putOff(id, now);
                return;
            }
            judged.add(id);
            List<ContainerEvent> events = new ArrayList<>(story.get());
            now.filter(container -> loops.begins(container, askedAt, isLoopTold(past)))
                    .ifPresent(container -> events.add(crashLoop(container, askedAt)));
            Optional<ContainerSnapshot> recorded = past.row().map(ManagedContainer::container);
            if (!recorded.equals(now) || !events.isEmpty()) {
                now.ifPresent(listing::add);
                if (now.isEmpty() && recorded.isPresent()) {
                    vanished.add(id);
                }
                told.put(id, events);
            }
        });
        int messages = 0;
        if (!told.isEmpty()) {
            Containers.Reconciled reconciled = containers.reconcile(fence, listing, vanished, askedAt, told);
            messages = reconciled.messages();
            judged.removeIf(id -> reconciled.left().contains(id) && !pending.isStale(id));
        }
        pending.settle(judged);
        return messages;
    }

    private Map<ContainerId, Optional<CommandId>> makers(Map<ContainerId, Optional<ContainerSnapshot>> seen) {
        Map<ContainerId, Optional<CommandId>> makers = new HashMap<>();
        seen.forEach((id, now) -> makers.put(id, now.or(() -> pending.lastSeen(id)).flatMap(Observer::maker)));
        return makers;
    }

    /** The command that a container's label names; somebody else's label may hold anything. */
    private static Optional<CommandId> maker(ContainerSnapshot container) {
        try {
            return Optional.ofNullable(container.labels().get(Labels.COMMAND_ID)).map(CommandId::new);
        } catch (InvalidValue _) {
            return Optional.empty();
        }
    }

    private static boolean isLoopTold(Past past) {
        return past.told().stream().anyMatch(told -> told.type() == ContainerEvent.Type.CRASH_LOOP);
    }

    private ContainerEvent crashLoop(ContainerSnapshot container, Instant askedAt) {
        return Story.event(fence.host(), container, ContainerEvent.Type.CRASH_LOOP,
                container.finishedAt().orElse(askedAt), ContainerEvent.Cause.SELF, Optional.empty(),
                container.hasProcess() ? OptionalInt.empty() : OptionalInt.of(container.state().exitCode()),
                Map.of("restart_count", Integer.toString(container.state().restartCount())));
    }
}
