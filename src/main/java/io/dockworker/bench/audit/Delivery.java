package io.dockworker.bench.audit;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Each command that was acknowledged has one result, and nothing else has. */
final class Delivery {
    private Delivery() {}

    static List<Finding> check(Joined joined) {
        List<Finding> findings = new ArrayList<>();
        for (Case one : joined.cases()) {
            if (one.answers().isEmpty()) {
                findings.add(new Finding(Finding.Kind.LOST, one.id(), one.type() + " of " + one.command().key()
                        + " was acknowledged (partition " + one.command().partition() + ", offset "
                        + one.command().offset() + ") and has no result"));
            } else if (one.answers().size() > 1) {
                findings.add(new Finding(Finding.Kind.DUPLICATE_RESULT, one.id(), one.answers().size() + " results: "
                        + one.answers().stream().map(answer -> answer.text("status") + " at " + answer.partition()
                                + ":" + answer.offset()).collect(Collectors.joining(", "))));
            }
        }
        Set<String> sent = joined.cases().stream().map(Case::id).collect(Collectors.toCollection(HashSet::new));
        joined.evidence().results().stream().map(result -> result.text("command_id")).distinct()
                .filter(id -> !sent.contains(id))
                .forEach(id -> findings.add(new Finding(Finding.Kind.RESULT_OF_NOTHING, id, "nobody sent it")));
        return findings;
    }
}
