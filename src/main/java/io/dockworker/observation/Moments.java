package io.dockworker.observation;

import io.dockworker.command.ContainerEvent;
import io.dockworker.command.ContainerSnapshot;
import io.dockworker.journal.Observations.Told;
import io.dockworker.observation.EngineEvents.Action;
import io.dockworker.observation.EngineEvents.Hint;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The starts and ends of one container that are known, and which of them a hint means. The stream's times are a little
 * later than those the engine keeps, and the engine keeps only the latest: a hint whose own moment has been written over
 * keeps the time that the stream gave it.
 */
final class Moments {
    /** The database keeps microseconds and rounds, the engine nanoseconds. */
    private static final Duration ROUNDING = Duration.ofNanos(2_000);
    private static final Set<ContainerEvent.Type> ENDS = EnumSet.of(ContainerEvent.Type.DIE, ContainerEvent.Type.STOP);

    private final List<Told> told;
    private final List<Instant> starts = new ArrayList<>();
    private final List<Instant> ends = new ArrayList<>();
    private final List<Instant> toldEnds;
    private final List<Instant> hintedEnds;

    Moments(List<Told> told, Stream<ContainerSnapshot> looks, List<Hint> hints) {
        this.told = new ArrayList<>(told);
        looks.forEach(look -> {
            look.startedAt().ifPresent(starts::add);
            look.finishedAt().ifPresent(ends::add);
        });
        toldEnds = told.stream().filter(event -> ENDS.contains(event.type())).map(Told::at).toList();
        told.stream().filter(event -> event.type() == ContainerEvent.Type.START)
                .forEach(event -> starts.add(event.at()));
        ends.addAll(toldEnds);
        hintedEnds = hints.stream().filter(hint -> hint.action() == Action.DIE).map(Hint::at).toList();
    }

    /** The start that a hint of this time means. A run may end before its start is announced, but not be announced so. */
    Instant start(Instant hinted) {
        return latest(starts, hinted).filter(start -> none(hintedEnds, start, hinted) && none(toldEnds, start, hinted))
                .orElse(hinted);
    }

    /** The end that a hint of this time means. */
    Instant end(Instant hinted) {
        return latest(ends, hinted).filter(end -> none(starts, end, hinted)).orElse(hinted);
    }

    /** When the run began that ended then. */
    Optional<Instant> startBefore(Instant end) {
        return latest(starts, end);
    }

    boolean isTold(ContainerEvent.Type type, Instant at) {
        return told.stream().anyMatch(event -> event.type() == type && near(event.at(), at));
    }

    /** An end is told as either, or as both. */
    boolean isEndTold(Instant at) {
        return told.stream().anyMatch(event -> ENDS.contains(event.type()) && near(event.at(), at));
    }

    /** True where something of the type is told from then until then, both included. */
    boolean isTold(ContainerEvent.Type type, Instant from, Instant until) {
        return told.stream().anyMatch(event -> event.type() == type && !event.at().isBefore(from.minus(ROUNDING))
                && !event.at().isAfter(until.plus(ROUNDING)));
    }

    void tell(ContainerEvent.Type type, Instant at) {
        told.add(new Told(type, at));
    }

    private static Optional<Instant> latest(List<Instant> moments, Instant until) {
        return moments.stream().filter(moment -> !moment.isAfter(until)).max(Comparator.naturalOrder());
    }

    private static boolean none(List<Instant> moments, Instant after, Instant before) {
        return moments.stream().noneMatch(moment -> moment.isAfter(after.plus(ROUNDING)) && moment.isBefore(before));
    }

    private static boolean near(Instant one, Instant other) {
        return Duration.between(one, other).abs().compareTo(ROUNDING) <= 0;
    }
}
