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
    /** What a worker is for: without these it is not ready. A retention that must wait, say, hinders nobody. */
    private static final Set<String> VITAL = Set.of("intake", "journal", "lanes", "relay", "heartbeat", "observation");
    /** Connections that broke give a fault to each loop that held one, or was about to, and then all is well. */
    private static final int LASTING = 3;

    private final Map<String, String> away = new ConcurrentHashMap<>();
    private final Map<String, BooleanSupplier> probes = new ConcurrentHashMap<>();
    /** What keeps a loop from its work although all that it needs answers; it was said. */
    private final Map<String, Hindrance> lasting = new ConcurrentHashMap<>();
    /** How often in a row each loop has failed although what it needs answered. */
    private final Map<String, Integer> inVain = new ConcurrentHashMap<>();
    private volatile Supplier<List<String>> gaps = List::of;
    private volatile Readiness.State state = Readiness.State.STARTING;

    /** @param dependency that answers, and does not do what it is asked for, as with a full disk */
    private record Hindrance(String loop, String dependency, String why) {}

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
    public void fault(String loop, RuntimeException fault, boolean ofDatabase) {
        String dependency = ofDatabase ? "postgres" : NEEDED_BY.getOrDefault(loop, "postgres");
        if (away.containsKey(dependency)) {
            inVain.remove(loop);
            return;
        }
        BooleanSupplier probe = probes.get(dependency);
        if (probe != null && !probe.getAsBoolean()) {
            inVain.remove(loop);
            if (away.putIfAbsent(dependency, String.valueOf(fault.getMessage())) == null) {
                LOG.warn("{} is away: {} (trying again)", dependency, fault.getMessage());
            }
        } else if (inVain.merge(loop, 1, Integer::sum) >= LASTING) {
            var hindrance = new Hindrance(loop, dependency, loop + ": " + fault.getMessage());
            if (lasting.put(loop, hindrance) == null) {
                LOG.warn("{} (trying again)", hindrance.why());
            }
        }
    }

    @Override
    public void over(String loop) {
        inVain.remove(loop);
        if (lasting.remove(loop) != null) {
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
        return !away.containsKey(dependency) && hindrance(dependency).isEmpty()
                && (probe == null || probe.getAsBoolean());
    }

    /** It is known not to answer. Asks nobody. */
    boolean isAway(String dependency) {
        return away.containsKey(dependency);
    }

    private Optional<String> hindrance(String dependency) {
        return lasting.values().stream()
                .filter(one -> VITAL.contains(one.loop()) && one.dependency().equals(dependency)).map(Hindrance::why)
                .findFirst();
    }

    List<String> dependencies() {
        return NAMES;
    }

    Readiness readiness() {
        List<Readiness.Dependency> dependencies = new ArrayList<>();
        for (String name : NAMES) {
            boolean up = isUp(name);
            dependencies.add(new Readiness.Dependency(name, up,
                    up ? "" : Optional.ofNullable(away.get(name)).or(() -> hindrance(name)).orElse("gives no answer")));
        }
        boolean all = dependencies.stream().allMatch(Readiness.Dependency::up);
        Readiness.State now = state;
        return new Readiness(now == Readiness.State.READY && !all ? Readiness.State.NOT_READY : now, dependencies,
                gaps.get());
    }
}
