package io.dockworker.observation;

import io.dockworker.command.ContainerId;
import io.dockworker.command.ContainerSnapshot;
import io.dockworker.observation.EngineEvents.Action;
import io.dockworker.observation.EngineEvents.Hint;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Containers that something was heard of, and that were not judged yet. Bounded. */
final class Pending {
    private static final int MAX_HINTS = 500;
    /** That a container is gone may be seen before it is announced. */
    private static final long ANNOUNCEMENT_NANOS = Duration.ofSeconds(2).toNanos();

    /** So long a change that was seen waits for what the stream says of it. */
    private static final long WORD_NANOS = Duration.ofSeconds(5).toNanos();

    /** What is no container of ours, for all that its labels say, is not looked at for ever. */
    private static final long STALE_NANOS = Duration.ofMinutes(1).toNanos();

    /** What gives no answer would hold up the others at each look. */
    private static final long SILENCE_NANOS = Duration.ofSeconds(5).toNanos();

    private final Map<ContainerId, Entry> entries = new LinkedHashMap<>();
    private final Map<ContainerId, Instant> lastEnds = new HashMap<>();

    private static final class Entry {
        final Deque<Hint> hints = new ArrayDeque<>();
        final long sinceNanos = System.nanoTime();
        Optional<ContainerSnapshot> lastSeen = Optional.empty();
        boolean fresh = true;
        long notBeforeNanos = sinceNanos;
    }

    /** @return how many hints had to go, the oldest ones of containers with too many */
    int add(List<Hint> hints) {
        int dropped = 0;
        for (Hint hint : hints) {
            Entry entry = entries.computeIfAbsent(hint.container(), _ -> new Entry());
            entry.hints.add(hint);
            entry.fresh = true;
            if (entry.hints.size() > MAX_HINTS) {
                entry.hints.removeFirst();
                dropped++;
            }
        }
        return dropped;
    }

    boolean isEmpty() {
        return entries.isEmpty();
    }

    Set<ContainerId> containers() {
        return Set.copyOf(entries.keySet());
    }

    /** Those to look at now. */
    Set<ContainerId> due() {
        long now = System.nanoTime();
        return entries.entrySet().stream().filter(entry -> now - entry.getValue().notBeforeNanos >= 0)
                .map(Map.Entry::getKey).collect(Collectors.toCollection(HashSet::new));
    }

    /** Leaves these alone for a while. */
    void gaveNoAnswer(Collection<ContainerId> containers) {
        containers.forEach(id -> entries.get(id).notBeforeNanos = System.nanoTime() + SILENCE_NANOS);
    }

    /** Those with news since they were looked at last. */
    Set<ContainerId> fresh() {
        return entries.entrySet().stream().filter(entry -> entry.getValue().fresh).map(Map.Entry::getKey)
                .collect(Collectors.toSet());
    }

    Heard heard(ContainerId container) {
        Entry entry = entries.get(container);
        return new Heard(Optional.ofNullable(lastEnds.get(container)), entry == null
                ? List.of()
                : entry.hints.stream().sorted(Comparator.comparing(Hint::at)).toList());
    }

    Optional<ContainerSnapshot> lastSeen(ContainerId container) {
        Entry entry = entries.get(container);
        return entry == null ? Optional.empty() : entry.lastSeen;
    }

    /** Puts a container off, with what was seen of it. */
    void putOff(ContainerId container, Optional<ContainerSnapshot> seen) {
        Entry entry = entries.computeIfAbsent(container, _ -> new Entry());
        entry.lastSeen = seen.or(() -> entry.lastSeen);
        entry.fresh = false;
    }

    /** True for a container that is gone as long as its removal may still be announced; it is then put off. */
    boolean awaitsRemoval(ContainerId container) {
        Entry entry = entries.computeIfAbsent(container, _ -> new Entry());
        boolean waits = entry.hints.stream().noneMatch(hint -> hint.action() == Action.DESTROY)
                && System.nanoTime() - entry.sinceNanos < ANNOUNCEMENT_NANOS;
        if (waits) {
            entry.fresh = false;
        }
        return waits;
    }

    /** True for one that has waited so long that nothing comes of it any more. */
    boolean isStale(ContainerId container) {
        Entry entry = entries.get(container);
        return entry == null || System.nanoTime() - entry.sinceNanos > STALE_NANOS;
    }

    /** True for one that the stream could have said more of by now. */
    boolean hasWaited(ContainerId container) {
        Entry entry = entries.get(container);
        return entry != null && System.nanoTime() - entry.sinceNanos > WORD_NANOS;
    }

    /** When the oldest of what was heard has happened. */
    Optional<Instant> oldest() {
        return entries.values().stream().flatMap(entry -> entry.hints.stream()).map(Hint::at)
                .min(Comparator.naturalOrder());
    }

    void settle(Collection<ContainerId> containers) {
        for (ContainerId container : containers) {
            heard(container).hints().stream().filter(hint -> hint.action() == Action.DIE).map(Hint::at)
                    .forEach(end -> lastEnds.put(container, end));
            entries.remove(container);
        }
    }

    /** Forgets what was heard of all others before. */
    void keep(Collection<ContainerId> containers) {
        lastEnds.keySet().retainAll(containers);
    }
}
