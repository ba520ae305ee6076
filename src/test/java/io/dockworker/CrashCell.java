package io.dockworker;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;

/**
 * One death of a worker.
 *
 * @param call of those that the command makes
 * @param point where the worker dies
 * @param fate what becomes of the call, when it is first made, by whomever
 */
record CrashCell(Scenario scenario, String call, Point point, Fate fate) {
    enum Point {
        INTENT_COMMITTED, BEFORE_CALL, AFTER_CALL, BEFORE_COMPLETION, COMPLETED
    }

    enum Fate {
        ANSWERED, NOT_SENT, ANSWER_LOST, LATE
    }

    /** All there are. */
    static List<CrashCell> all() {
        return Arrays.stream(Scenario.values()).flatMap(scenario -> scenario.calls.stream()
                .flatMap(call -> Arrays.stream(Point.values()).filter(point -> exists(scenario, point))
                        .flatMap(point -> Arrays.stream(Fate.values())
                                .map(fate -> new CrashCell(scenario, call, point, fate)))))
                .toList();
    }

    /** A pull is none of the calls for a container. */
    private static boolean exists(Scenario scenario, Point point) {
        return scenario != Scenario.PULL || (point != Point.BEFORE_CALL && point != Point.AFTER_CALL);
    }

    /** Few of them in which each pair of values is met at least once. */
    static List<CrashCell> sample(long seed) {
        List<CrashCell> left = new ArrayList<>(all());
        var random = new Random(seed);
        List<CrashCell> sample = new ArrayList<>();
        Set<Set<Object>> met = new HashSet<>();
        Set<Set<Object>> wanted = new HashSet<>();
        left.forEach(cell -> wanted.addAll(cell.pairs()));
        while (!met.equals(wanted)) {
            Collections.shuffle(left, random);
            CrashCell best = left.stream()
                    .max(Comparator.comparingLong(cell -> cell.pairs().stream().filter(pair -> !met.contains(pair))
                            .count()))
                    .orElseThrow();
            sample.add(best);
            left.remove(best);
            met.addAll(best.pairs());
        }
        return sample;
    }

    private Set<Set<Object>> pairs() {
        return Set.of(Set.of(scenario, point), Set.of(scenario, fate), Set.of(point, fate));
    }

    /** As the worker calls it. */
    String checkpoint() {
        boolean ofCall = point == Point.BEFORE_CALL || point == Point.AFTER_CALL;
        return text(point) + ":" + (ofCall ? call : scenario.type());
    }

    /** A name for its command and its container. */
    String name() {
        return text(scenario) + "." + call + "." + text(point) + "." + text(fate);
    }

    private static String text(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    @Override
    public String toString() {
        return name();
    }

    /** The call is made by the worker that dies. */
    boolean isCalledBefore() {
        return point != Point.INTENT_COMMITTED && point != Point.BEFORE_CALL;
    }
}
