package io.dockworker.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.dockworker.kafka.TopicReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.stream.Collectors;

/** Waits for what becomes of commands. Made before they are sent, so that no answer is missed. */
final class Results implements AutoCloseable {
    /** In this time a worker says that an id is spent on another command; if it does not, it is the same one. */
    private static final Duration SPENT = Duration.ofSeconds(5);

    private final String prefix;
    private final TopicReader reader;
    private final Map<String, Checked> awaited = new HashMap<>();
    /** Results that were there before: the same command again has no second one. */
    private final Map<String, JsonNode> earlier = new HashMap<>();
    private final Set<String> images;
    private final PullBars bars = new PullBars(System.out, Terminal::size);
    private boolean good = true;

    /** @param withBars of the pulls that go on meanwhile; only for a terminal */
    Results(Properties kafka, String prefix, List<Checked> commands, boolean withBars) {
        this.prefix = prefix;
        commands.forEach(command -> awaited.put(command.id(), command));
        images = commands.stream().map(Checked::image).collect(Collectors.toSet());
        String results = prefix + "results";
        List<String> now = new ArrayList<>(List.of(prefix + "commands.dlq"));
        if (withBars) {
            now.add(prefix + "events");
        }
        // Nobody has used an id that was made here.
        boolean named = commands.stream().anyMatch(Checked::named);
        if (named) {
            reader = new TopicReader(kafka, now, List.of(results));
            keepEarlier(reader.rest());
        } else {
            now.add(results);
            reader = new TopicReader(kafka, now);
        }
    }

    private void keepEarlier(List<TopicReader.Read> past) {
        for (TopicReader.Read read : past) {
            JsonNode result = read.topic().equals(prefix + "results")
                    ? Json.read(read.record().value())
                    : Json.object();
            Checked again = awaited.get(result.path("command_id").asText());
            if (again != null && again.type().equals(result.path("type").asText())) {
                earlier.put(again.id(), result);
            }
        }
    }

    /**
     * Prints each result as it comes.
     *
     * @return whether all succeeded
     * @throws Exit.Because if one does not come in time
     */
    boolean show(Duration limit, boolean json) {
        long begin = System.nanoTime();
        while (!awaited.isEmpty()) {
            for (TopicReader.Read read : reader.poll(Duration.ofMillis(200))) {
                switch (read.topic().substring(prefix.length())) {
                    case "results" -> showResult(Json.read(read.record().value()), json);
                    case "events" -> showProgress(read);
                    default -> showLetter(read, json);
                }
            }
            bars.show();
            long passed = System.nanoTime() - begin;
            if (passed > SPENT.toNanos()) {
                earlier.values().forEach(result -> showResult(result, json));
                earlier.clear();
            }
            if (!awaited.isEmpty() && passed > limit.toNanos()) {
                throw new Exit.Because(Exit.UNAVAILABLE, "no result within " + limit.toSeconds() + " s for "
                        + String.join(", ", awaited.keySet()) + "; does a worker run? ./dockworker doctor says");
            }
        }
        return good;
    }

    private void showResult(JsonNode result, boolean json) {
        if (wasAwaited(result.path("command_id").asText())) {
            good &= result.path("status").asText().equals("succeeded");
            System.out.println(json ? result.toString() : Lines.result(result));
        }
    }

    /** No longer from now on, and there is room to say what became of it. */
    private boolean wasAwaited(String id) {
        Checked command = awaited.remove(id);
        if (command == null) {
            return false;
        }
        bars.clear();
        bars.forget(command.image());
        return true;
    }

    /** Its key is the image's normal form. */
    private void showProgress(TopicReader.Read read) {
        JsonNode event = Json.read(read.record().value());
        if (Pulls.isProgress(event) && images.contains(new String(read.record().key(), StandardCharsets.UTF_8))) {
            bars.take(read, event);
        }
    }

    /** A spent id has no second result: its command becomes a dead letter. */
    private void showLetter(TopicReader.Read read, boolean json) {
        Letter letter = Letter.of(read);
        JsonNode command = Json.read(read.record().value());
        String id = command.path("id").asText();
        if (wasAwaited(id)) {
            good = false;
            System.out.println(json
                    ? Json.object().put("command_id", id).put("status", "dead_letter").put("code", letter.code())
                            .put("message", letter.message()).toString()
                    : id + "  " + command.path("type").asText() + "  dead letter " + letter.reference() + ": "
                            + letter.code() + " " + Table.oneLine(letter.message()));
        }
    }

    @Override
    public void close() {
        bars.clear();
        reader.close();
    }
}
