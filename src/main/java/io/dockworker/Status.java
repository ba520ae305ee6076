package io.dockworker;

import io.dockworker.http.Readiness;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is known of the dependencies, for the log, readiness and metrics. When one goes away, every loop that needs it
 * fails; it is said once all the same, and once more when it is back.
 */
final class Status implements Loop.Report {
    private static final Logger LOG = LoggerFactory.getLogger(Status.class);
    private static final List<String> NAMES = List.of("docker", "kafka", "postgres");
    /** What each loop needs most. */
    private static final Map<String, String> NEEDED_BY = Map.ofEntries(Map.entry("intake", "kafka"),
            Map.entry("kafka", "kafka"),
            Map.entry("relay", "kafka"), Map.entry("hosts topic", "kafka"), Map.entry("health topic", "kafka"),
            Map.entry("engine events", "docker"), Map.entry("observation", "docker"),
            Map.entry("sampling", "docker"));
    /** A connection that broke gives one fault to each loop that held it, and then all is well. */
    private static final int LASTING = 3;

    private final Map<String, String> away = new ConcurrentHashMap<>();
    private final Map<String, BooleanSupplier> probes = new ConcurrentHashMap<>();
    /** Loops whose own fault was said. */
    private final Set<String> lasting = ConcurrentHashMap.newKeySet();
    private volatile Supplier<List<String>> gaps = List::of;
    private volatile Readiness.State state = Readiness.State.STARTING;

    Status() {
        NAMES.forEach(name -> away.put(name, "not reached yet"));
    }

    /** It answers. */
    void up(String dependency) {
        away.remove(dependency);
    }

    /** It was not reached, for the first time or again. */
    void down(String dependency, String why) {
        away.put(dependency, why);
    }

    /** How to ask whether it answers. */
    void watch(String dependency, BooleanSupplier probe) {
        probes.put(dependency, probe);
    }

    void gaps(Supplier<List<String>> source) {
        gaps = source;
    }

    /**
     * From now on the worker does its work, or ends.
     *
     * @return the state before
     */
    Readiness.State state(Readiness.State now) {
        Readiness.State before = state;
        state = now;
        return before;
    }

    @Override
    public void fault(String loop, RuntimeException fault, boolean ofDatabase, int inARow) {
        String dependency = ofDatabase ? "postgres" : NEEDED_BY.getOrDefault(loop, "postgres");
        if (away.containsKey(dependency)) {
            return;
        }
        BooleanSupplier probe = probes.get(dependency);
        if (probe != null && !probe.getAsBoolean()) {
            if (away.putIfAbsent(dependency, String.valueOf(fault.getMessage())) == null) {
                LOG.warn("{} is away: {} (trying again)", dependency, fault.getMessage());
            }
        } else if (inARow >= LASTING && lasting.add(loop)) {
            LOG.warn("{}: {} (trying again)", loop, fault.getMessage());
        }
    }

    @Override
    public void over(String loop) {
        if (lasting.remove(loop)) {
            LOG.info("{}: works again", loop);
        }
    }

    /** Looks whether what was away is back. */
    void lookOnce() {
        for (String name : NAMES) {
            BooleanSupplier probe = probes.get(name);
            if (away.containsKey(name) && probe != null && probe.getAsBoolean()) {
                away.remove(name);
                LOG.info("{} is back", name);
            }
        }
    }

    boolean isUp(String dependency) {
        BooleanSupplier probe = probes.get(dependency);
        return !away.containsKey(dependency) && (probe == null || probe.getAsBoolean());
    }

    List<String> dependencies() {
        return NAMES;
    }

    Readiness readiness() {
        List<Readiness.Dependency> dependencies = new ArrayList<>();
        for (String name : NAMES) {
            boolean up = isUp(name);
            dependencies.add(new Readiness.Dependency(name, up,
                    up ? "" : Optional.ofNullable(away.get(name)).orElse("gives no answer")));
        }
        boolean all = dependencies.stream().allMatch(Readiness.Dependency::up);
        Readiness.State now = state;
        return new Readiness(now == Readiness.State.READY && !all ? Readiness.State.NOT_READY : now, dependencies,
                gaps.get());
    }
}
