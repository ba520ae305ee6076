package io.dockworker.bench.audit;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Stream;

/** What was found, and in how much. */
record Report(Joined joined, List<Finding> findings) {
    static Report of(Evidence evidence) {
        Joined joined = Joined.of(evidence);
        return new Report(joined, Stream
                .of(Delivery.check(joined), Order.check(joined), Effects.check(joined), FinalState.check(joined))
                .flatMap(List::stream).sorted(Comparator.comparing(Finding::kind).thenComparing(Finding::subject))
                .toList());
    }

    boolean isClean() {
        return findings.isEmpty();
    }

    ObjectNode json() {
        ObjectNode json = JsonNodeFactory.instance.objectNode().put("clean", isClean());
        json.put("commands", joined.cases().size()).put("commands_sent_again",
                joined.evidence().commands().size() - joined.cases().size());
        json.put("results", joined.evidence().results().size());
        var statuses = new TreeMap<String, Integer>();
        joined.cases().stream().filter(one -> !one.answers().isEmpty())
                .forEach(one -> statuses.merge(one.result().path("status").asText(), 1, Integer::sum));
        ObjectNode byStatus = json.putObject("statuses");
        statuses.forEach(byStatus::put);
        json.put("attempted_again", joined.cases().stream()
                .filter(one -> one.result().path("attempts").asInt() > 1).count());
        json.put("engine_calls", joined.evidence().calls().size());
        json.put("containers", joined.evidence().containers().size());
        json.put("process_runs", joined.evidence().runs().values().stream().mapToInt(Integer::intValue).sum());
        ObjectNode counts = json.putObject("counts");
        for (Finding.Kind kind : Finding.Kind.values()) {
            counts.put(kind.toString(), findings.stream().filter(finding -> finding.kind() == kind).count());
        }
        var found = json.putArray("findings");
        findings.forEach(finding -> found.addObject().put("kind", finding.kind().toString())
                .put("subject", finding.subject()).put("text", finding.text()));
        return json;
    }
}
