package io.dockworker.health;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.dockworker.command.ContainerState.Health;
import io.dockworker.command.HealthSample.Status;
import io.dockworker.health.Judge.Facts;
import io.dockworker.health.Judge.Levels;
import io.dockworker.health.Judge.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class JudgeTest {
    private final Judge judge = new Judge(Thresholds.DEFAULT);

    @Test
    void levelIsReachedAtItsThresholdAndLeftFivePointsBelow() {
        assertEquals(
                List.of("healthy", "warning", "warning", "warning", "healthy", "healthy", "warning", "critical",
                        "critical", "warning", "healthy"),
                course(79.9, 80, 75.1, 75, 74.9, 79.9, 94.9, 95, 90, 89.9, 0));
    }

    @Test
    void memoryIsJudgedLikeTheProcessor() {
        Verdict verdict = judge.judge(new Facts(3, 96, OptionalDouble.of(10), false, Health.NONE), Levels.OK);
        assertEquals(Status.CRITICAL, verdict.status());
        assertEquals(List.of("memory at 96.0 % (critical)"), verdict.reasons());
    }

    @Test
    void fullDiskIsAWarningAtMost() {
        Verdict verdict = judge.judge(new Facts(1, 1, OptionalDouble.of(99.96), false, Health.NONE), Levels.OK);
        assertEquals(Status.WARNING, verdict.status());
        assertEquals(List.of("disk at 100.0 % (critical)"), verdict.reasons());
        assertEquals(Status.HEALTHY,
                judge.judge(new Facts(1, 1, OptionalDouble.of(84.9), false, Health.NONE), Levels.OK).status());
    }

    @Test
    void oomKillAndFailingHealthcheckAreCriticalAndEveryReasonIsSaid() {
        Verdict verdict = judge.judge(new Facts(85, 1, OptionalDouble.empty(), true, Health.UNHEALTHY), Levels.OK);
        assertEquals(Status.CRITICAL, verdict.status());
        assertEquals(List.of("a process was killed for lack of memory", "its healthcheck fails",
                "CPU at 85.0 % (warning)"), verdict.reasons());
        assertEquals(Status.HEALTHY,
                judge.judge(new Facts(1, 1, OptionalDouble.empty(), false, Health.STARTING), Levels.OK).status());
    }

    @Test
    void thresholdsStandInOrder() {
        assertThrows(IllegalArgumentException.class, () -> new Thresholds.Limits(95, 95));
        assertThrows(IllegalArgumentException.class, () -> new Thresholds.Limits(Double.NaN, 95));
    }

    private List<String> course(double... cpu) {
        List<String> statuses = new ArrayList<>();
        Levels levels = Levels.OK;
        for (double percent : cpu) {
            Verdict verdict = judge.judge(new Facts(percent, 0, OptionalDouble.of(0), false, Health.NONE), levels);
            statuses.add(verdict.status().toString());
            levels = verdict.levels();
        }
        return statuses;
    }
}
