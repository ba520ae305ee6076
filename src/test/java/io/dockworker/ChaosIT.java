package io.dockworker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Workers that are killed by SIGKILL while they work. {@code -Dchaos.kills=N} for more or fewer, {@code -Dchaos.seed=N} repeats a campaign. */
final class ChaosIT {
    private static final JsonMapper JSON = new JsonMapper();
    private static final int MANY = 20;
    private static final int KILLS = Integer.getInteger("chaos.kills", MANY);
    private static final int PATIENCE_MINUTES = 15;

    @TempDir
    private Path directory;

    private record Ended(int code, JsonNode report, String progress) {
        @Override
        public String toString() {
            return report.toPrettyString() + "\n" + progress;
        }
    }

    @Test
    void killsLoseNothingAndDoubleNothing() throws Exception {
        List<String> seed = Optional.ofNullable(System.getProperty("chaos.seed")).map(one -> List.of("--seed", one))
                .orElse(List.of());

        Ended ended = campaign(KILLS, seed);

        assertTrue(ended.report().path("clean").asBoolean(), ended::toString);
        assertEquals(0, ended.code(), ended::toString);
        // What was never under way when its worker died proves nothing; of a few kills, none may have met any.
        assertTrue(KILLS < MANY || ended.report().path("attempted_again").asInt() > 0, ended::toString);
        assertEquals(KILLS, ended.progress().lines().filter(line -> line.startsWith("  kill ")).count(),
                ended::toString);
    }

    /** The seed's kills come mostly at events, at which this worker has acted and recorded nothing. */
    @Test
    @Tag("long")
    void aWorkerWithoutTheProtocolIsFoundOut() throws Exception {
        Ended ended = campaign(6, List.of("--seed", "356", "--naive"));

        assertEquals(1, ended.code(), ended::toString);
        assertTrue(ended.report().path("findings").size() > 0, ended::toString);
    }

    private Ended campaign(int kills, List<String> more) throws Exception {
        List<String> arguments = new ArrayList<>(List.of("bench", "chaos", "--kills", String.valueOf(kills), "--output",
                "json", "--lock-dir=" + directory.resolve("lock")));
        arguments.addAll(more);
        Path err = directory.resolve("err");
        Process process = MainProcess.start(directory, err, Map.of(), arguments.toArray(String[]::new));
        try {
            var out = CompletableFuture.supplyAsync(() -> process.inputReader(StandardCharsets.UTF_8).lines()
                    .collect(Collectors.joining("\n")));
            assertTrue(process.waitFor(PATIENCE_MINUTES, TimeUnit.MINUTES), "a campaign that does not end");
            var ended = new Ended(process.exitValue(), JSON.readTree(out.get()), Files.readString(err));
            assertEquals("", Upstream.docker("ps", "-aq", "--filter", "label=managed-by=dockworker-chaos:1"),
                    "it leaves no container");
            assertEquals("", Upstream.docker("images", "-q", "dockworker-chaos:1"), "it leaves no image");
            return ended;
        } finally {
            process.destroyForcibly();
        }
    }
}
