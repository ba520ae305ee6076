package io.dockworker.docker;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.github.dockerjava.transport.DockerHttpClient.Request;
import com.github.dockerjava.transport.DockerHttpClient.Response;
import io.dockworker.command.ContainerId;
import io.dockworker.command.Labels;
import io.dockworker.observation.EngineEvents;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads {@code /events} of managed containers, under a deadline of its own for silence. */
final class EventStream implements EngineEvents {
    /** How long nothing may come. What happened meanwhile is asked for again, so it costs next to nothing if it is short. */
    static final Duration SILENCE = Duration.ofSeconds(30);
    private static final Logger LOG = LoggerFactory.getLogger(EventStream.class);
    /** Only what is of use: each run of a HEALTHCHECK alone would be three more. */
    private static final String FILTERS = "{\"type\":[\"container\"],\"label\":[\"" + Labels.MANAGED_BY
            + "\"],\"event\":[" + Stream.of(Action.values())
                    .map(action -> "\"" + action.name().toLowerCase(Locale.ROOT) + "\"")
                    .collect(Collectors.joining(","))
            + "]}";

    private final EngineLink link;
    private final Duration silence;

    EventStream(EngineLink link, Duration silence) {
        this.link = link;
        this.silence = silence;
    }

    @Override
    public End follow(Optional<Instant> since, Runnable connected, Consumer<Hint> sink) throws InterruptedException {
        var heardAt = new AtomicLong(System.nanoTime());
        try {
            Patience.whileLeft(() -> heardAt.get() + silence.toNanos() - System.nanoTime(), () -> {
                read(since, connected, hint -> {
                    heardAt.set(System.nanoTime());
                    sink.accept(hint);
                });
                return null;
            });
            return new End.Lost("the engine closed its stream of events");
        } catch (TimeoutException _) {
            return new End.Silent();
        } catch (ExecutionException e) {
            link.forgetSession();
            return new End.Lost(link.explain(e.getCause()));
        }
    }

    private void read(Optional<Instant> since, Runnable connected, Consumer<Hint> sink) throws IOException {
        String path = "/events?filters=" + URLEncoder.encode(FILTERS, StandardCharsets.UTF_8)
                + since.map(from -> "&since=%d.%09d".formatted(from.getEpochSecond(), from.getNano())).orElse("");
        try (Response response = link.open(Request.Method.GET, path, null, null);
                var lines = new BufferedReader(
                        new InputStreamReader(response.getBody(), StandardCharsets.UTF_8))) {
            connected.run();
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                hint(line).ifPresent(sink);
            }
        }
    }

    /** @return empty for what is no event of a container that is of use */
    static Optional<Hint> hint(String line) {
        try {
            JsonNode json = EngineLink.JSON.readTree(line);
            // "health_status: healthy" has its value behind the name.
            String[] words = json.path("Action").asText().split(": ", 2);
            Optional<Action> action = Stream.of(Action.values())
                    .filter(known -> known.name().equalsIgnoreCase(words[0])).findFirst();
            String id = json.at("/Actor/ID").asText();
            if (action.isEmpty() || !id.matches("[0-9a-f]{64}")) {
                return Optional.empty();
            }
            Map<String, String> attributes = new HashMap<>();
            json.at("/Actor/Attributes").properties()
                    .forEach(attribute -> attributes.put(attribute.getKey(), attribute.getValue().asText()));
            if (words.length > 1) {
                attributes.put("health", words[1]);
            }
            long nanos = json.path("timeNano").asLong();
            return Optional.of(new Hint(new ContainerId(id), action.get(),
                    Instant.ofEpochSecond(0, nanos), attributes));
        } catch (JsonProcessingException e) {
            LOG.debug("the engine's stream says what is no event: {}", line, e);
            return Optional.empty();
        }
    }
}
