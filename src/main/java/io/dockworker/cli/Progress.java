package io.dockworker.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.stream.Stream;

/**
 * How far a pull has come, as its event says it.
 *
 * @param part from 0 to 1; empty while the registry has not said how much there is
 */
record Progress(OptionalDouble part, String detail) {
    private static final int WIDTH = 24;
    private static final double MEBI = 1 << 20;

    static Progress of(JsonNode event) {
        JsonNode attributes = event.path("attributes");
        double done = number(attributes, "current_bytes", "downloaded_bytes", "current", "bytes");
        double total = number(attributes, "total_bytes", "total");
        if (total > 0 && done >= 0) {
            return new Progress(OptionalDouble.of(Math.min(1, done / total)),
                    String.format(Locale.ROOT, "%.1f of %.1f MiB", done / MEBI, total / MEBI));
        }
        double percent = number(attributes, "percent");
        return percent >= 0
                ? new Progress(OptionalDouble.of(Math.min(1, percent / 100)), "")
                : new Progress(OptionalDouble.empty(), Lines.text(attributes, "status"));
    }

    private static double number(JsonNode attributes, String... names) {
        return Stream.of(names).map(attributes::path).filter(one -> !one.isMissingNode()).findFirst()
                .map(one -> one.asDouble(-1)).orElse(-1.0);
    }

    String bar() {
        int full = (int) Math.round(part.orElse(0) * WIDTH);
        String share = part.isPresent() ? String.format(Locale.ROOT, "%3.0f %%", part.getAsDouble() * 100) : " ? %";
        return ("[" + "#".repeat(full) + "-".repeat(WIDTH - full) + "] " + share + "  " + detail).stripTrailing();
    }
}
