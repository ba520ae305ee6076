package io.dockworker.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ParentsTest {
    @Test
    void aWholeTakesTheShortestWaitOfItsPartsAndTheLongestOfEveryOtherPhase() {
        assertEquals(Map.of("queued", Duration.ofMillis(3), "create", Duration.ofMillis(40), "start",
                Duration.ofMillis(50)),
                Parents.timings(List.of(
                        Map.of("queued", Duration.ofMillis(3), "create", Duration.ofMillis(10), "start",
                                Duration.ofMillis(50)),
                        Map.of("queued", Duration.ofMillis(7), "create", Duration.ofMillis(40)), Map.of())));
    }
}
