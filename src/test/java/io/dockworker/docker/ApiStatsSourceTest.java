package io.dockworker.docker;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.dockworker.health.StatsSource.Usage;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class ApiStatsSourceTest {
    @Test
    void cgroupVersion1IsReadWithTheWholeTreesPageCacheTakenOff() throws JsonProcessingException {
        String json = """
                {"cpu_stats":{"cpu_usage":{"total_usage":123456}},
                 "memory_stats":{"usage":1000,"stats":{"inactive_file":1,"total_inactive_file":300}},
                 "pids_stats":{"current":3},
                 "networks":{"eth0":{"rx_bytes":10,"tx_bytes":20},"eth1":{"rx_bytes":1,"tx_bytes":2}},
                 "blkio_stats":{"io_service_bytes_recursive":[
                   {"major":8,"op":"Read","value":5},{"major":8,"op":"Write","value":6},
                   {"major":8,"op":"Total","value":11},{"major":9,"op":"Read","value":50}]}}
                """;

        assertEquals(
                Optional.of(new Usage(42, 123_456, 700, OptionalLong.of(11), OptionalLong.of(22), OptionalLong.of(55),
                        OptionalLong.of(6), OptionalLong.of(3), OptionalLong.empty())),
                ApiStatsSource.usage(EngineLink.JSON.readTree(json), 42));
    }

    @Test
    void cgroupVersion2IsReadAndWhatIsMissingStaysEmpty() throws JsonProcessingException {
        String json = """
                {"cpu_stats":{"cpu_usage":{"total_usage":7}},
                 "memory_stats":{"usage":1000,"stats":{"inactive_file":400}},
                 "pids_stats":{},
                 "blkio_stats":{"io_service_bytes_recursive":[{"op":"read","value":5},{"op":"write","value":6}]}}
                """;

        assertEquals(
                Optional.of(new Usage(42, 7, 600, OptionalLong.empty(), OptionalLong.empty(), OptionalLong.of(5),
                        OptionalLong.of(6), OptionalLong.empty(), OptionalLong.empty())),
                ApiStatsSource.usage(EngineLink.JSON.readTree(json), 42));
    }

    @Test
    void aContainerThatDoesNotRunHasNoUsage() throws JsonProcessingException {
        String json = """
                {"cpu_stats":{"cpu_usage":{"total_usage":0}},"memory_stats":{},"pids_stats":{}}
                """;

        assertEquals(Optional.empty(), ApiStatsSource.usage(EngineLink.JSON.readTree(json), 42));
    }
}
