package io.dockworker;

import io.dockworker.http.Readiness;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** What is known of the dependencies, for readiness and metrics. */
final class Status {
    /** Which dependency a loop's faults speak of. */
    private static final Map<String, String> DEPENDENCY_OF = Map.of("intake", "kafka", "relay", "kafka");

    private final Map<String, String> faults = new ConcurrentSkipListMap<>();
    private final Map<String, String> names = new ConcurrentSkipListMap<>(
            Map.of("docker", "", "kafka", "", "postgres", ""));
    private final Map<String, BooleanSupplier> probes = new ConcurrentHashMap<>();
    private volatile Supplier<List<String>> gaps = List::of;

    Status() {
        names.keySet().forEach(name -> faults.put(name, "not reached yet"));
    }

    void up(String dependency) {
        faults.remove(dependency);
    }

    void down(String dependency, String why) {
        faults.put(dependency, String.valueOf(why));
    }

    /** Asked whenever somebody wants to know. */
    void watch(String dependency, BooleanSupplier probe) {
        probes.put(dependency, probe);
    }

    void gaps(Supplier<List<String>> source) {
        gaps = source;
    }

    /** Told of a loop's faults, and of their end by an empty text. */
    Consumer<String> reporter(String loop) {
        String dependency = DEPENDENCY_OF.get(loop);
        return fault -> {
            if (dependency != null) {
                if (fault.isEmpty()) {
                    up(dependency);
                } else {
                    down(dependency, fault);
                }
            }
        };
    }

    boolean isUp(String dependency) {
        BooleanSupplier probe = probes.get(dependency);
        if (probe != null && faults.get(dependency) == null) {
            return probe.getAsBoolean();
        }
        return !faults.containsKey(dependency);
    }

    Iterable<String> dependencies() {
        return names.keySet();
    }

    Readiness readiness() {
        List<Readiness.Dependency> dependencies = new ArrayList<>();
        for (String name : names.keySet()) {
            boolean up = isUp(name);
            dependencies.add(new Readiness.Dependency(name, up,
                    up ? "" : faults.getOrDefault(name, "gives no answer")));
        }
        return new Readiness(dependencies.stream().allMatch(Readiness.Dependency::up), dependencies, gaps.get());
    }
}
