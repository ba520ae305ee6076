package io.dockworker.bench.audit;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The evidence, put together by command and by lane.
 *
 * @param lanes   the lives of one container each, and of those that replaced it: the cases that name them, in the order of
 *                the commands, and those of the same key which may have been about them, since they name nothing
 * @param calls   those about a container, by its id
 * @param creates how often a name was made
 */
record Joined(Evidence evidence, List<Case> cases, List<List<Case>> lanes, Map<String, List<Evidence.Call>> calls,
        Map<String, Long> creates) {
    static Joined of(Evidence evidence) {
        Map<String, List<Evidence.Entry>> answers = evidence.results().stream()
                .collect(Collectors.groupingBy(result -> result.text("command_id")));
        Map<String, Case> cases = new LinkedHashMap<>();
        evidence.commands().stream().sorted(Comparator.comparingLong(Evidence.Entry::offset))
                .forEach(command -> cases.putIfAbsent(command.text("id"),
                        new Case(command, answers.getOrDefault(command.text("id"), List.of()))));
        List<List<Case>> lanes = new ArrayList<>();
        cases.values().stream().collect(Collectors.groupingBy(one -> one.command().key(), TreeMap::new,
                Collectors.toList())).values().forEach(ofKey -> lanes.addAll(lanes(ofKey)));
        return new Joined(evidence, List.copyOf(cases.values()), lanes, evidence.calls().stream()
                .filter(call -> call.container().isPresent())
                .collect(Collectors.groupingBy(call -> call.container().orElseThrow())),
                evidence.calls().stream()
                        .filter(Evidence.Call::isDone).flatMap(call -> call.made().stream())
                        .collect(Collectors.groupingBy(Function.identity(), Collectors.counting())));
    }

    /** Several containers may share a key: one that was renamed, and one that was made under its old name. */
    private static List<List<Case>> lanes(List<Case> ofKey) {
        Map<String, Integer> byContainer = new HashMap<>();
        Map<String, Integer> byName = new HashMap<>();
        Map<Case, Integer> lanes = new HashMap<>();
        int count = 0;
        for (Case one : ofKey) {
            for (String container : one.containers()) {
                Integer lane = byContainer.get(container);
                if (lane == null && one.type().equals("replace")) {
                    lane = byName.get(one.command().text("target"));
                }
                if (lane == null) {
                    lane = count++;
                }
                byContainer.put(container, lane);
                byName.values().removeIf(lane::equals);
                byName.put(one.told(container).path("name").asText(), lane);
                lanes.put(one, lane);
            }
        }
        List<List<Case>> found = new ArrayList<>();
        for (int lane = 0; lane < count; lane++) {
            int number = lane;
            found.add(ofKey.stream().filter(one -> lanes.getOrDefault(one, -1) == number
                    || (one.containers().isEmpty() && one.isVague() && !one.isNameless())).toList());
        }
        return found;
    }

    static Stream<String> containersOf(List<Case> lane) {
        return lane.stream().flatMap(one -> one.containers().stream()).distinct();
    }

    Map<String, JsonNode> found() {
        Map<String, JsonNode> found = new TreeMap<>();
        evidence.containers().forEach(container -> found.put(container.path("Id").asText(), container));
        return found;
    }
}
