package io.dockworker.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.dockworker.kafka.TopicReader;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;

/** Waits for what becomes of commands. Made before they are sent, so that no answer is missed. */
final class Results implements AutoCloseable {
    /** In this time a worker says that an id is spent on another command; if it does not, it is the same one. */
    private static final Duration SPENT = Duration.ofSeconds(5);

    private final String prefix;
    private final TopicReader reader;
    private final Map<String, Checked> awaited = new HashMap<>();
    /** Results that were there before: the same command again has no second one. */
    private final Map<String, JsonNode> earlier = new HashMap<>();
    private boolean good = true;

    Results(Properties kafka, String prefix, List<Checked> commands) {
        this.prefix = prefix;
        commands.forEach(command -> awaited.put(command.id(), command));
        String results = prefix + "results";
        String letters = prefix + "commands.dlq";
        // Nobody has used an id that was made here.
        boolean named = commands.stream().anyMatch(Checked::named);
        reader = named
                ? new TopicReader(kafka, List.of(letters), List.of(results))
                : new TopicReader(kafka, List.of(letters, results));
        if (named) {
            keepEarlier(reader.rest());
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
                if (read.topic().equals(prefix + "results")) {
                    showResult(Json.read(read.record().value()), json);
                } else {
                    showLetter(read, json);
                }
            }
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
        if (awaited.remove(result.path("command_id").asText()) != null) {
            good &= result.path("status").asText().equals("succeeded");
            System.out.println(json ? result.toString() : Lines.result(result));
        }
    }

    /** A spent id has no second result: its command becomes a dead letter. */
    private void showLetter(TopicReader.Read read, boolean json) {
        Letter letter = Letter.of(read);
        JsonNode command = Json.read(read.record().value());
        String id = command.path("id").asText();
        if (awaited.remove(id) != null) {
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
        reader.close();
    }
}
