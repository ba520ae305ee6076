package io.dockworker.health;

import io.dockworker.command.ContainerState;
import io.dockworker.command.HealthSample.Status;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/**
 * Says how a container is. A value reaches a level at its threshold and leaves it only {@value #MARGIN} points below,
 * so that one that wavers around a threshold does not raise an alarm with each sample.
 */
record Judge(Thresholds thresholds) {
    static final double MARGIN = 5;
    static final String OOM_KILLED = "a process was killed for lack of memory";

    /** How far a value has gone. The order counts. */
    enum Level {
        OK, WARNING, CRITICAL
    }

    /** The levels of a container's previous sample. */
    record Levels(Level cpu, Level memory, Level disk) {
        static final Levels OK = new Levels(Level.OK, Level.OK, Level.OK);
    }

    /**
     * What there is to judge of a container that is up.
     *
     * @param oomKilled one of its processes was killed for lack of memory since it started
     */
    record Facts(double cpuPercent, double memoryPercent, OptionalDouble diskPercent, boolean oomKilled,
            ContainerState.Health health) {}

    /** @param levels to be given with the next facts */
    record Verdict(Status status, List<String> reasons, Levels levels) {}

    Verdict judge(Facts facts, Levels before) {
        var levels = new Levels(level(facts.cpuPercent(), thresholds.cpu(), before.cpu()),
                level(facts.memoryPercent(), thresholds.memory(), before.memory()),
                facts.diskPercent().isEmpty()
                        ? Level.OK
                        : level(facts.diskPercent().getAsDouble(), thresholds.disk(), before.disk()));
        List<String> reasons = new ArrayList<>();
        Level worst = Level.OK;
        if (facts.oomKilled()) {
            worst = Level.CRITICAL;
            reasons.add(OOM_KILLED);
        }
        if (facts.health() == ContainerState.Health.UNHEALTHY) {
            worst = Level.CRITICAL;
            reasons.add("its healthcheck fails");
        }
        worst = max(worst, say("CPU", facts.cpuPercent(), levels.cpu(), reasons));
        worst = max(worst, say("memory", facts.memoryPercent(), levels.memory(), reasons));
        // A full disk is the host's trouble: every container on it would be critical at once.
        worst = max(worst, min(Level.WARNING, say("disk", facts.diskPercent().orElse(0), levels.disk(), reasons)));
        return new Verdict(status(worst), reasons, levels);
    }

    private static Level level(double percent, Thresholds.Limits limits, Level before) {
        if (percent >= limits.critical() - (before == Level.CRITICAL ? MARGIN : 0)) {
            return Level.CRITICAL;
        }
        return percent >= limits.warning() - (before == Level.OK ? 0 : MARGIN) ? Level.WARNING : Level.OK;
    }

    private static Level say(String what, double percent, Level level, List<String> reasons) {
        if (level != Level.OK) {
            reasons.add(String.format(Locale.ROOT, "%s at %.1f %% (%s)", what, percent, status(level)));
        }
        return level;
    }

    private static Status status(Level level) {
        return switch (level) {
            case OK -> Status.HEALTHY;
            case WARNING -> Status.WARNING;
            case CRITICAL -> Status.CRITICAL;
        };
    }

    private static Level max(Level one, Level other) {
        return one.compareTo(other) >= 0 ? one : other;
    }

    private static Level min(Level one, Level other) {
        return one.compareTo(other) <= 0 ? one : other;
    }
}
