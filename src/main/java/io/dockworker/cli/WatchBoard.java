package io.dockworker.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.dockworker.kafka.TopicReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A table on the terminal that is drawn anew whenever something has changed. */
final class WatchBoard implements WatchVerb.Display {
    private static final String ESCAPE = "\u001b[";
    private static final String OTHER_SCREEN = ESCAPE + "?1049h" + ESCAPE + "?25l";
    private static final String BACK = ESCAPE + "?25h" + ESCAPE + "?1049l";
    private static final String FROM_THE_TOP = ESCAPE + "H";
    private static final String REST_OF_LINE = ESCAPE + "K";
    private static final String REST_OF_SCREEN = ESCAPE + "J";
    private static final int HAPPENED_LINES = 12;
    private static final int CONTAINER_LINES = 30;
    /** A pull that ended says nothing more of itself. */
    private static final int PULL_TURNS = 40;

    private final PrintStream out;
    private final int columns = columns();
    private final Map<String, JsonNode> states = new TreeMap<>();
    private final Map<String, JsonNode> samples = new HashMap<>();
    private final Map<String, Pull> pulls = new LinkedHashMap<>();
    private final Deque<String> happened = new ArrayDeque<>();
    private boolean changed = true;
    private boolean begun;
    private int turn;

    /** @param seen in which turn it was heard of last */
    private record Pull(Progress progress, int seen) {}

    WatchBoard(PrintStream out) {
        this.out = out;
    }

    @Override
    public void begin() {
        begun = true;
        out.print(OTHER_SCREEN + FROM_THE_TOP + REST_OF_SCREEN);
    }

    @Override
    public void take(String topic, TopicReader.Read read) {
        changed = true;
        JsonNode message = Json.read(read.record().value());
        switch (topic) {
            case "state" -> {
                String id = read.record().key() == null ? "" : new String(read.record().key(), StandardCharsets.UTF_8);
                if (message.isMissingNode()) {
                    states.remove(id);
                    samples.remove(id);
                } else {
                    states.put(id, message);
                }
            }
            case "health" -> samples.put(message.path("container_id").asText(), message);
            case "events" -> {
                if (message.path("type").asText().equals("pull_progress")) {
                    pulls.put(Lines.text(message, "image"), new Pull(Progress.of(message), turn));
                } else {
                    note(Times.shown(read.at()) + "  " + Lines.event(message));
                }
            }
            default -> note(Times.shown(read.at()) + "  " + Lines.result(message));
        }
    }

    private void note(String line) {
        happened.addLast(line);
        if (happened.size() > HAPPENED_LINES) {
            happened.removeFirst();
        }
    }

    @Override
    public void show() {
        turn++;
        changed |= pulls.values().removeIf(pull -> turn - pull.seen() > PULL_TURNS);
        if (changed) {
            var screen = new StringBuilder(FROM_THE_TOP);
            lines().forEach(line -> screen.append(cut(line)).append(REST_OF_LINE).append("\r\n"));
            out.print(screen.append(REST_OF_SCREEN));
            out.flush();
            changed = false;
        }
    }

    /** What stands on it, from top to bottom. */
    List<String> lines() {
        var table = new Table("NAME", "ID", "IMAGE", "HOST", "STATE", "CPU", "MEMORY", "HEALTH", "PORTS");
        states.values().stream().limit(CONTAINER_LINES).forEach(state -> {
            String id = state.path("id").asText();
            JsonNode sample = samples.getOrDefault(id, Json.object());
            table.row(state.path("name").asText(), id.substring(0, Math.min(12, id.length())),
                    state.path("image").asText(), state.path("host").asText(), state.path("state").asText(),
                    Lines.percent(sample.path("cpu_usage")), Lines.percent(sample.path("memory_usage")),
                    sample.path("status").asText("-"), Lines.ports(state.path("ports")));
        });
        List<String> lines = new ArrayList<>(table.lines());
        if (states.size() > CONTAINER_LINES) {
            lines.add("… and " + (states.size() - CONTAINER_LINES) + " more");
        }
        pulls.forEach((image, pull) -> lines.add("pulling " + image + "  " + pull.progress().bar()));
        lines.add("");
        lines.addAll(happened);
        return lines;
    }

    private String cut(String line) {
        return line.codePointCount(0, line.length()) <= columns
                ? line
                : line.substring(0, line.offsetByCodePoints(0, columns - 1)) + "…";
    }

    private static int columns() {
        String said = System.getenv("COLUMNS");
        return said != null && said.matches("[1-9][0-9]{1,3}") ? Integer.parseInt(said) : 160;
    }

    @Override
    public void end() {
        if (begun) {
            out.print(BACK);
            out.flush();
        }
    }
}
