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
 * keeps the time that the stream gave it. A run may end before its start is announced, but none starts before the end
 * of the one before it was: what lies between two announced ends is one run.
 */
final class Moments {
    /** The database keeps microseconds and rounds, the engine nanoseconds. */
    private static final Duration ROUNDING = Duration.ofNanos(2_000);
    private static final Set<ContainerEvent.Type> ENDS = EnumSet.of(ContainerEvent.Type.DIE, ContainerEvent.Type.STOP);

    private final List<Told> told;
    private final List<Instant> starts = new ArrayList<>();
    private final List<Instant> ends = new ArrayList<>();
    private final List<Instant> announcedEnds = new ArrayList<>();

    Moments(List<Told> told, Stream<ContainerSnapshot> looks, Heard heard) {
        this.told = new ArrayList<>(told);
        looks.forEach(look -> {
            look.startedAt().ifPresent(starts::add);
            look.finishedAt().ifPresent(ends::add);
        });
        for (Told event : told) {
            if (event.type() == ContainerEvent.Type.START) {
                starts.add(event.at());
            } else if (ENDS.contains(event.type())) {
                ends.add(event.at());
            }
        }
        heard.lastEnd().ifPresent(announcedEnds::add);
        heard.hints().stream().filter(hint -> hint.action() == Action.DIE).map(Hint::at).forEach(announcedEnds::add);
    }

    /** The start that a hint of this time means. */
    Instant start(Instant hinted) {
        return meant(starts, hinted);
    }

    /** The end that a hint of this time means. */
    Instant end(Instant hinted) {
        return meant(ends, hinted);
    }

    /** The end that the hint of a stop means, which follows that of the end. */
    Instant stop(Instant hinted) {
        return end(latest(announcedEnds, hinted).orElse(hinted));
    }

    /** The latest of the run that was announced then, if it is known; known from now on, if not. */
    private Instant meant(List<Instant> moments, Instant hinted) {
        Optional<Instant> meant = latest(moments, hinted).filter(moment -> announcedEnds.stream()
                .noneMatch(end -> end.isBefore(hinted) && !end.isBefore(moment.minus(ROUNDING))));
        if (meant.isEmpty()) {
            moments.add(hinted);
        }
        return meant.orElse(hinted);
    }

    /** Whether no earlier start is known. */
    boolean isFirstStart(Instant at) {
        return starts.stream().noneMatch(start -> start.isBefore(at.minus(ROUNDING)));
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
        return moments.stream().filter(moment -> !moment.isAfter(until.plus(ROUNDING)))
                .max(Comparator.naturalOrder());
    }

    private static boolean near(Instant one, Instant other) {
        return Duration.between(one, other).abs().compareTo(ROUNDING) <= 0;
    }
}
