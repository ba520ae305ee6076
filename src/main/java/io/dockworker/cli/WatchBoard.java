package io.dockworker.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.dockworker.kafka.TopicReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** What the fleet looks like now, on the whole of a terminal, drawn anew whenever something has changed. */
final class WatchBoard implements WatchVerb.Display {
    private static final String ESCAPE = Terminal.ESCAPE;
    private static final String FROM_THE_TOP = ESCAPE + "H";
    private static final String REST_OF_LINE = ESCAPE + "K";
    /** Without a cursor, and without lines that go on in the next: some letters are wider than they are counted here. */
    private static final String OTHER_SCREEN = ESCAPE + "?1049h" + ESCAPE + "?25l" + ESCAPE + "?7l";
    private static final String BACK = ESCAPE + "?7h" + ESCAPE + "?25h" + ESCAPE + "?1049l";
    private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(2);
    private static final int HAPPENED_LINES = 50;

    private final PrintStream out;
    private final InstantSource clock;
    private final Supplier<Terminal.Size> terminal;
    private final Map<String, JsonNode> states = new HashMap<>();
    private final Map<String, JsonNode> samples = new HashMap<>();
    private final Deque<String> happened = new ArrayDeque<>();
    private final Pulls pulls;
    private Terminal.Size size = new Terminal.Size(0, 0);
    private Instant looked = Instant.MIN;
    private boolean changed = true;
    private boolean begun;

    /** @param terminal tells its size, which may change */
    WatchBoard(PrintStream out, InstantSource clock, Supplier<Terminal.Size> terminal) {
        this.out = out;
        this.clock = clock;
        this.terminal = terminal;
        pulls = new Pulls(clock);
    }

    @Override
    public void begin() {
        begun = true;
        out.print(OTHER_SCREEN + FROM_THE_TOP + Terminal.REST_OF_SCREEN);
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
                if (Pulls.isProgress(message)) {
                    pulls.take(read, message);
                } else {
                    note(read, Lines.event(message));
                }
            }
            default -> note(read, Lines.outcome(message) + "  " + Lines.text(message, "command_id"));
        }
    }

    private void note(TopicReader.Read read, String line) {
        happened.addLast(Times.ofDay(read.at()) + "  " + line);
        if (happened.size() > HAPPENED_LINES) {
            happened.removeFirst();
        }
    }

    @Override
    public void show() {
        changed |= pulls.forgetSilent();
        changed |= isResized();
        if (changed) {
            var screen = new StringBuilder(FROM_THE_TOP);
            lines().forEach(line -> screen.append(REST_OF_LINE).append(size.cut(line)).append("\r\n"));
            out.print(screen.append(Terminal.REST_OF_SCREEN));
            out.flush();
            changed = false;
        }
    }

    private boolean isResized() {
        Instant now = clock.instant();
        if (now.isBefore(looked.plus(BETWEEN_LOOKS))) {
            return false;
        }
        looked = now;
        Terminal.Size before = size;
        size = terminal.get();
        return !size.equals(before);
    }

    /** From top to bottom, and one less than there is room for: after the last, the cursor goes to the next. */
    private List<String> lines() {
        List<String> below = new ArrayList<>(List.of(""));
        pulls.lines(size.columns()).stream().limit(size.rows() / 4).forEach(below::add);
        happened.stream().skip(Math.max(0, happened.size() - size.rows() / 3)).forEach(below::add);
        List<String> lines = new ArrayList<>(states.isEmpty()
                ? List.of("no containers yet: what commands make of them appears here", "Ctrl-C ends")
                : containers(size.rows() - 1 - below.size()));
        lines.addAll(below);
        return lines;
    }

    /** @param room for how many lines there is room */
    private List<String> containers(int room) {
        int widest = Table.widest(size.columns());
        var table = new Table("NAME", "STATE", "HEALTH", "CPU", "MEMORY", "IMAGE", "HOST", "PORTS", "ID");
        states.values().stream().sorted(Comparator.comparing(state -> state.path("name").asText())).forEach(state -> {
            String id = state.path("id").asText();
            JsonNode sample = samples.getOrDefault(id, Json.object());
            table.row(Table.shortened(state.path("name").asText(), widest), state.path("state").asText(),
                    sample.path("status").asText("-"), Lines.percent(sample.path("cpu_usage")),
                    Lines.percent(sample.path("memory_usage")),
                    Table.shortened(state.path("image").asText(), widest), state.path("host").asText(),
                    Lines.ports(state.path("ports")), id.substring(0, Math.min(12, id.length())));
        });
        List<String> lines = table.lines();
        if (lines.size() <= room) {
            return lines;
        }
        int shown = Math.max(1, room - 1);
        List<String> some = new ArrayList<>(lines.subList(0, shown));
        some.add("… and " + (lines.size() - shown) + " more");
        return some;
    }

    @Override
    public void end() {
        if (begun) {
            out.print(BACK);
            out.flush();
        }
    }
}
