package io.dockworker.bench.audit;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** At the end, when nobody sends any more, the engine is as the last result of each lane says. */
final class FinalState {
    private final Joined joined;
    private final Map<String, JsonNode> found;
    private final List<Finding> findings = new ArrayList<>();

    private FinalState(Joined joined) {
        this.joined = joined;
        this.found = joined.found();
    }

    static List<Finding> check(Joined joined) {
        var state = new FinalState(joined);
        Set<String> accounted = new TreeSet<>();
        joined.lanes().forEach(lane -> {
            state.lane(lane);
            Joined.containersOf(lane).forEach(accounted::add);
        });
        state.found.keySet().stream().filter(id -> !accounted.contains(id)).forEach(state::unaccounted);
        return state.findings;
    }

    /** A lane has one container at a time: the one that the latest result names. */
    private void lane(List<Case> lane) {
        List<Case> telling = lane.stream().filter(one -> !one.containers().isEmpty()).toList();
        if (telling.isEmpty()) {
            return;
        }
        Case last = telling.getLast();
        boolean vague = lane.stream().skip(lane.indexOf(last)).anyMatch(Case::isVague);
        if (vague) {
            return;
        }
        Joined.containersOf(lane).filter(id -> !last.names(id)).filter(found::containsKey)
                .forEach(id -> add(id, "is there still, though " + last.id() + " (" + last.type() + ") says that "
                        + last.containers() + " has its place"));
        last.containers().forEach(id -> container(lane, last, id));
    }

    private void container(List<Case> lane, Case last, String id) {
        JsonNode told = last.told(id);
        Optional<JsonNode> there = Optional.ofNullable(found.get(id));
        String expected = told.path("state").asText();
        if (expected.equals("removed")) {
            there.ifPresent(_ -> add(id, "is there, though " + last.id() + " says that it was removed"));
            return;
        }
        if (there.isEmpty()) {
            add(id, "is not there, though " + last.id() + " (" + last.type() + ") says " + expected);
            return;
        }
        String actual = there.get().at("/State/Status").asText();
        boolean job = lane.stream().anyMatch(one -> one.makesJob() && one.names(id));
        boolean ended = job || (last.type().equals("kill") && last.command().text("signal").matches("(SIGKILL)?"));
        if (!actual.equals(expected) && !(ended && actual.equals("exited"))) {
            add(id, "is " + actual + ", though " + last.id() + " (" + last.type() + ") says " + expected);
        }
        String name = there.get().path("Name").asText().replaceFirst("^/", "");
        if (!name.equals(told.path("name").asText())) {
            add(id, "is called " + name + ", though " + last.id() + " (" + last.type() + ") says "
                    + told.path("name").asText());
        }
        limit(lane, id, there.get());
        runs(lane, id, there.get());
    }

    /** The latest update counts. */
    private void limit(List<Case> lane, String id, JsonNode there) {
        List<Case> updates = lane.stream().filter(one -> one.type().equals("update") && one.names(id)).toList();
        if (updates.isEmpty() || updates.stream().anyMatch(Case::isVague)) {
            return;
        }
        updates.stream().filter(Case::succeeded).reduce((_, later) -> later).ifPresent(update -> {
            long wanted = update.command().body().at("/resources/memory_limit").asLong();
            long actual = there.at("/HostConfig/Memory").asLong();
            if (wanted != 0 && wanted != actual) {
                add(id, "has a memory limit of " + actual + ", though " + update.id() + " says " + wanted);
            }
        });
    }

    /** A job that ended well, and that nobody stopped, has run as often as it was started. */
    private void runs(List<Case> lane, String id, JsonNode there) {
        boolean undisturbed = lane.stream().filter(one -> one.names(id))
                .allMatch(one -> Set.of("create", "start").contains(one.type()) && !one.isVague());
        boolean well = there.at("/State/Status").asText().equals("exited") && there.at("/State/ExitCode").asInt() == 0;
        boolean job = lane.stream().anyMatch(one -> one.makesJob() && one.names(id));
        long said = lane.stream().filter(one -> one.starts() && one.changed() && one.names(id)).count();
        int ran = joined.evidence().runs().getOrDefault(id.substring(0, 12), 0);
        if (job && well && undisturbed && ran < said) {
            findings.add(new Finding(Finding.Kind.NOT_DONE, id, "ran " + ran + " times, the results say " + said));
        }
    }

    /** One that no result names. */
    private void unaccounted(String id) {
        String command = found.get(id).at("/Config/Labels/io.dockworker.command-id").asText();
        Optional<Case> maker = joined.cases().stream().filter(one -> one.id().equals(command)).findFirst();
        if (maker.filter(Case::isVague).isEmpty()) {
            add(id, maker
                    .map(one -> "was made by " + command + ", whose result is " + one.result().path("status").asText()
                            + " and does not name it")
                    .orElse("was made by nobody that is known (" + command + ")"));
        }
    }

    private void add(String id, String text) {
        findings.add(new Finding(Finding.Kind.STATE, id, text));
    }
}
