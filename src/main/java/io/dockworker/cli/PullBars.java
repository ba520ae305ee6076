package io.dockworker.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.dockworker.kafka.TopicReader;
import java.io.PrintStream;
import java.time.InstantSource;
import java.util.List;
import java.util.function.Supplier;

/** Bars of pulls that somebody waits for, below what the terminal shows. Drawn anew in their place, gone in the end. */
final class PullBars {
    private final PrintStream out;
    private final Pulls pulls = new Pulls(InstantSource.system());
    private final Supplier<Terminal.Size> terminal;
    private boolean changed;
    private int shown;

    PullBars(PrintStream out, Supplier<Terminal.Size> terminal) {
        this.out = out;
        this.terminal = terminal;
    }

    void take(TopicReader.Read read, JsonNode progress) {
        pulls.take(read, progress);
        changed = true;
    }

    /** Something was waited for that needed the image, and is waited for no longer. */
    void forget(String image) {
        pulls.forget(image);
    }

    void show() {
        if (changed) {
            clear();
            Terminal.Size size = terminal.get();
            List<String> lines = pulls.lines(size.columns()).stream().limit(size.rows() - 1).toList();
            lines.forEach(line -> out.println(size.cut(line)));
            out.flush();
            shown = lines.size();
            changed = false;
        }
    }

    /** Makes room for something else; the next time they are shown below it. */
    void clear() {
        if (shown > 0) {
            out.print(Terminal.ESCAPE + shown + "F" + Terminal.REST_OF_SCREEN);
            out.flush();
            shown = 0;
            changed = true;
        }
    }
}
