package io.dockworker.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.dockworker.kafka.TopicReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The pulls that go on, each host's own. */
final class Pulls {
    /** A pull that ended says nothing more of itself. */
    private static final Duration SILENCE = Duration.ofSeconds(10);

    private final InstantSource clock;
    private final Map<Key, Pull> pulls = new LinkedHashMap<>();

    /** @param image in its normal form, the key of the events */
    private record Key(String host, String image) {}

    private record Pull(JsonNode event, Instant heard) {}

    Pulls(InstantSource clock) {
        this.clock = clock;
    }

    static boolean isProgress(JsonNode event) {
        return event.path("type").asText().equals("pull_progress");
    }

    void take(TopicReader.Read read, JsonNode event) {
        String image = new String(read.record().key(), StandardCharsets.UTF_8);
        pulls.put(new Key(event.path("host").asText(), image), new Pull(event, clock.instant()));
    }

    /** Whatever host pulls it; if one still does, the next event says so. */
    void forget(String image) {
        pulls.keySet().removeIf(key -> key.image().equals(image));
    }

    /** @return whether there were some that are silent */
    boolean forgetSilent() {
        Instant since = clock.instant().minus(SILENCE);
        return pulls.values().removeIf(pull -> pull.heard().isBefore(since));
    }

    List<String> lines(int columns) {
        return pulls.values().stream().map(pull -> Progress.line(pull.event(), Table.widest(columns))).toList();
    }
}
