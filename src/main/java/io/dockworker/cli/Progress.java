package io.dockworker.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Locale;

/** How far a pull has come, as its event says it. */
final class Progress {
    private static final int WIDTH = 12;
    private static final double MEBI = 1 << 20;

    private Progress() {}

    /** @param widest how long the name of the image may be */
    static String line(JsonNode event, int widest) {
        return Lines.text(event, "host") + " pulls " + Table.shortened(Lines.text(event, "image"), widest) + "  "
                + bar(event.path("attributes"));
    }

    private static String bar(JsonNode told) {
        double bytes = told.path("bytes_current").asDouble();
        double allBytes = told.path("bytes_total").asDouble();
        int layers = told.path("layers_done").asInt();
        int allLayers = told.path("layers_total").asInt();
        // Of layers that are there already, no bytes are told.
        double part = Math.clamp(allBytes > 0 ? bytes / allBytes : layers / Math.max(1.0, allLayers), 0, 1);
        int full = (int) Math.round(part * WIDTH);
        return String.format(Locale.ROOT, "[%s%s] %3.0f %%  %s%d of %d layers", "#".repeat(full),
                "-".repeat(WIDTH - full), part * 100,
                allBytes > 0 ? String.format(Locale.ROOT, "%.1f of %.1f MiB, ", bytes / MEBI, allBytes / MEBI) : "",
                layers, allLayers);
    }
}
