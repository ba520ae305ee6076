package io.dockworker.bench.audit;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The evidence, put together by command, by lane and by container. */
record Joined(Evidence evidence, List<Case> cases, Map<String, List<Case>> lanes) {
    static Joined of(Evidence evidence) {
        Map<String, List<Evidence.Entry>> answers = evidence.results().stream()
                .collect(Collectors.groupingBy(result -> result.text("command_id")));
        Map<String, Case> cases = new LinkedHashMap<>();
        evidence.commands().stream().sorted(Comparator.comparingLong(Evidence.Entry::offset))
                .forEach(command -> cases.putIfAbsent(command.text("id"),
                        new Case(command, answers.getOrDefault(command.text("id"), List.of()))));
        Map<String, List<Case>> lanes = new TreeMap<>();
        cases.values().forEach(one -> lanes.computeIfAbsent(lane(one), _ -> new ArrayList<>()).add(one));
        return new Joined(evidence, List.copyOf(cases.values()), lanes);
    }

    /** Commands of one key have an order; but those with an image for their key concern a container each. */
    private static String lane(Case one) {
        return one.command().key().equals(one.command().text("image")) ? one.id() : one.command().key();
    }

    Stream<String> containersOf(List<Case> lane) {
        return lane.stream().flatMap(one -> one.containers().stream()).distinct();
    }

    Map<String, JsonNode> found() {
        Map<String, JsonNode> found = new TreeMap<>();
        evidence.containers().forEach(container -> found.put(container.path("Id").asText(), container));
        return found;
    }
}
