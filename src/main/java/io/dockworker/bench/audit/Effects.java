package io.dockworker.bench.audit;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** What the engine did is what the results say: nothing twice, and nothing that was said and not done. */
final class Effects {
    private final Joined joined;
    private final List<Finding> findings = new ArrayList<>();

    private Effects(Joined joined) {
        this.joined = joined;
    }

    static List<Finding> check(Joined joined) {
        var effects = new Effects(joined);
        effects.containersOfOneCreate();
        effects.creates();
        joined.lanes().forEach(lane -> Joined.containersOf(lane).forEach(container -> {
            effects.starts(lane, container);
            effects.signals(lane, container);
        }));
        return effects.findings;
    }

    private void containersOfOneCreate() {
        Map<String, Set<String>> made = new TreeMap<>();
        joined.evidence().containers().forEach(container -> made
                .computeIfAbsent(container.at("/Config/Labels/io.dockworker.command-id").asText(), _ -> new TreeSet<>())
                .add(container.path("Id").asText()));
        made.forEach((command, containers) -> {
            if (!command.isEmpty() && containers.size() > 1) {
                findings.add(new Finding(Finding.Kind.DOUBLED_CONTAINER, command, "made " + containers));
            }
        });
    }

    /** By name, as the engine was asked: one that is gone again was made all the same. */
    private void creates() {
        Map<String, Integer> allowed = new TreeMap<>();
        joined.cases().stream().filter(one -> one.type().equals("create"))
                .forEach(one -> allowed.merge(one.command().text("name"), one.succeeded() || one.isVague() ? 1 : 0,
                        Integer::sum));
        allowed.remove("");
        allowed.forEach((name, most) -> {
            long made = joined.creates().getOrDefault(name, 0L);
            if (made > most) {
                findings.add(new Finding(Finding.Kind.DOUBLED_CONTAINER, name,
                        "made " + made + " times under this name, by " + most + " creates"));
            }
        });
    }

    private void starts(List<Case> lane, String container) {
        List<Case> starting = lane.stream().filter(Case::starts).filter(one -> one.names(container)).toList();
        long least = starting.stream().filter(Case::changed).count();
        // A replacement that fails starts the old one again. A result that names nothing may be about this one.
        long vague = lane.stream().filter(Case::starts).filter(Case::isVague)
                .filter(one -> one.names(container) || one.containers().isEmpty()).count();
        long done = calls("start", container, Evidence.Call::isDone)
                + calls("restart", container, Evidence.Call::isDone);
        long perhaps = calls("start", container, Evidence.Call::mayBeDone)
                + calls("restart", container, Evidence.Call::mayBeDone);
        int runs = joined.evidence().runs().getOrDefault(container.substring(0, 12), 0);
        long most = least + vague;
        if (Math.max(done, runs) > most) {
            findings.add(new Finding(Finding.Kind.DOUBLED_START, container, "the results of " + ids(starting)
                    + " allow " + most + " starts; the engine did " + done + ", and its process began " + runs
                    + " times"));
        }
        if (perhaps < least) {
            findings.add(new Finding(Finding.Kind.NOT_DONE, container,
                    ids(starting) + " say " + least + " starts, but the engine did " + perhaps));
        }
    }

    private void signals(List<Case> lane, String container) {
        Set<String> signals = new TreeSet<>();
        calls("kill", container).forEach(call -> signals.add(call.signal()));
        lane.stream().filter(one -> one.type().equals("kill")).forEach(one -> signals.add(signal(one)));
        for (String signal : signals) {
            List<Case> kills = lane.stream().filter(one -> one.type().equals("kill") && signal(one).equals(signal))
                    .toList();
            List<Case> said = kills.stream().filter(one -> one.succeeded() && one.names(container)).toList();
            long vague = kills.stream().filter(Case::isVague)
                    .filter(one -> one.names(container) || one.containers().isEmpty()).count();
            long sent = calls("kill", container, call -> call.signal().equals(signal) && call.mayBeDone());
            if (sent > said.size() + vague) {
                findings.add(new Finding(Finding.Kind.DOUBLED_SIGNAL, container, signal + " was sent " + sent
                        + " times; the results of " + ids(kills) + " allow " + (said.size() + vague)));
            } else if (sent < said.size()) {
                findings.add(new Finding(Finding.Kind.NOT_DONE, container,
                        ids(said) + " say that " + signal + " was sent, but it was sent " + sent + " times"));
            }
        }
    }

    private static String signal(Case kill) {
        String given = kill.command().text("signal");
        return given.isEmpty() ? "SIGKILL" : given;
    }

    private long calls(String verb, String container, Predicate<Evidence.Call> how) {
        return calls(verb, container).filter(how).count();
    }

    private Stream<Evidence.Call> calls(String verb, String container) {
        return joined.calls().getOrDefault(container, List.of()).stream().filter(call -> call.isPost(verb));
    }

    private static List<String> ids(List<Case> cases) {
        return cases.stream().map(Case::id).toList();
    }
}
