package io.dockworker.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.dockworker.kafka.TopicReader;
import java.io.PrintStream;

/** A line for each message, for logs and other programs. */
final class WatchLines implements WatchVerb.Display {
    private final PrintStream out;
    private final boolean json;

    WatchLines(PrintStream out, boolean json) {
        this.out = out;
        this.json = json;
    }

    @Override
    public void begin() {
        if (!json) {
            out.println("watching, until Ctrl-C");
            out.flush();
        }
    }

    @Override
    public void take(String topic, TopicReader.Read read) {
        JsonNode message = Json.read(read.record().value());
        if (json) {
            out.println(Json.object().put("topic", topic).put("at", read.at().toString()).set("message", message));
            return;
        }
        String line = switch (topic) {
            case "results" -> "result  " + Lines.result(message);
            case "events" -> Pulls.isProgress(message)
                    ? "pull    " + Progress.line(message, Integer.MAX_VALUE)
                    : "event   " + Lines.event(message);
            case "health" -> "health  " + Lines.health(message);
            // A state says no more than its event.
            default -> "";
        };
        if (!line.isEmpty()) {
            out.println(Times.shown(read.at()) + "  " + line);
        }
    }

    @Override
    public void show() {
        out.flush();
    }

    @Override
    public void end() {
        out.flush();
    }
}
