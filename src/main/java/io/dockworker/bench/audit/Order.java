package io.dockworker.bench.audit;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Commands of one container end in the order in which they were acknowledged, and one begins when the one before has ended. */
final class Order {
    private Order() {}

    static List<Finding> check(Joined joined) {
        List<Finding> findings = new ArrayList<>();
        joined.lanes().forEach(lane -> {
            String key = lane.getFirst().command().key();
            List<Case> inTurn = lane.stream().filter(Order::hasTurn).toList();
            for (int i = 1; i < inTurn.size(); i++) {
                Case before = inTurn.get(i - 1);
                Case after = inTurn.get(i);
                if (after.answer().orElseThrow().offset() < before.answer().orElseThrow().offset()) {
                    findings.add(new Finding(Finding.Kind.ORDER, key,
                            "the result of " + after.id() + " stands before that of " + before.id()));
                }
                if (after.hasBegun() && before.hasBegun()
                        && at(after, "started_at").isBefore(at(before, "finished_at"))) {
                    findings.add(new Finding(Finding.Kind.ORDER, key, after.id() + " began at "
                            + at(after, "started_at") + ", before " + before.id() + " had ended at "
                            + at(before, "finished_at")));
                }
            }
        });
        return findings;
    }

    /**
     * What is cancelled, or ends where it is accepted, waits for nobody; and a container that is not there has no turns
     * to wait for. What names none may have been about another one: a name that is free again is that of a new container.
     */
    private static boolean hasTurn(Case one) {
        boolean endsAtOnce = one.type().equals("cancel") || one.isRefused()
                || (!one.hasBegun() && (one.error().equals("NOT_FOUND") || one.error().equals("NAME_CONFLICT")));
        return !one.answers().isEmpty() && !endsAtOnce && !(one.isVague() && one.containers().isEmpty());
    }

    private static Instant at(Case one, String field) {
        return Instant.parse(one.result().path(field).asText());
    }
}
