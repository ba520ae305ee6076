package io.dockworker.observation;

import io.dockworker.command.ContainerId;
import io.dockworker.command.ContainerSnapshot;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;

/**
 * Finds containers that end again and again: five restarts by policy within a minute. A loop is told once; it is over
 * when somebody starts the container anew, or after five minutes without a restart. (The engine waits at most one minute
 * between two, so a loop is never that quiet.)
 */
final class CrashLoops {
    private static final int RESTARTS = 5;
    private static final Duration WITHIN = Duration.ofMinutes(1);
    private static final Duration QUIET = Duration.ofMinutes(5);

    private final Map<ContainerId, Course> courses = new HashMap<>();

    private record Count(Instant at, int restarts) {}

    /** The counts of the last minute and the one before them, and whether the loop is told. */
    private static final class Course {
        final Deque<Count> counts = new ArrayDeque<>();
        boolean told;

        Course(Count first, boolean told) {
            counts.add(first);
            this.told = told;
        }

        void forgetBefore(Instant begin) {
            Count first = counts.removeFirst();
            while (!counts.isEmpty() && counts.getFirst().at().isBefore(begin)) {
                first = counts.removeFirst();
            }
            counts.addFirst(first);
        }
    }

    /**
     * Looks at a container's count of restarts.
     *
     * @param toldBefore its loop was told by a worker that came before this one
     * @return true if it is in a loop that was not told yet, which it is from now on
     */
    boolean begins(ContainerSnapshot container, Instant now, boolean toldBefore) {
        int restarts = container.state().restartCount();
        Course course = courses.computeIfAbsent(container.id(), _ -> new Course(first(container, now), toldBefore));
        Count last = course.counts.getLast();
        if (restarts < last.restarts()) {
            // Somebody has started it anew since the last look, from which on the engine counts from zero.
            course.counts.clear();
            course.counts.add(new Count(now, 0));
            course.told = false;
        } else if (restarts > last.restarts() && last.at().plus(QUIET).isBefore(now)) {
            course.told = false;
        }
        if (restarts > course.counts.getLast().restarts()) {
            course.counts.add(new Count(now, restarts));
        }
        course.forgetBefore(now.minus(WITHIN));
        boolean loops = restarts - course.counts.getFirst().restarts() >= RESTARTS;
        boolean begins = loops && !course.told;
        course.told |= loops;
        return begins;
    }

    /** Of one that was made just now all restarts count, of others only those to come. */
    private static Count first(ContainerSnapshot container, Instant now) {
        return container.createdAt().plus(WITHIN).isAfter(now)
                ? new Count(container.createdAt(), 0)
                : new Count(now, container.state().restartCount());
    }

    /** Forgets all others. */
    void keep(Collection<ContainerId> containers) {
        courses.keySet().retainAll(containers);
    }
}
