package io.dockworker.wire;

import io.dockworker.command.InvalidValue;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.regex.Pattern;

/** Durations as Docker writes them: {@code 10s}, {@code 1m30s}, {@code 1.5h}. */
final class Durations {
    private static final Pattern PART = Pattern.compile("([0-9]{1,9}(?:\\.[0-9]{1,9})?)(h|ms|m|s|us|µs|ns)");
    private static final Pattern WHOLE = Pattern.compile("(?:" + PART.pattern() + "){1,8}");

    private Durations() {}

    /**
     * Reads a duration of whole seconds.
     *
     * @throws io.dockworker.command.InvalidValue if it is none, or longer than {@code max}
     */
    static Duration parseSeconds(String text, Duration max) {
        BigDecimal seconds = seconds(text);
        if (seconds.stripTrailingZeros().scale() > 0) {
            throw new InvalidValue("the engine counts whole seconds, as in \"10s\"");
        }
        if (seconds.compareTo(BigDecimal.valueOf(max.toSeconds())) > 0) {
            throw new InvalidValue("at most " + write(max) + " is allowed");
        }
        return Duration.ofSeconds(seconds.longValueExact());
    }

    /**
     * Reads a duration.
     *
     * @throws io.dockworker.command.InvalidValue if it is none, or out of bounds
     */
    static Duration parse(String text, Duration min, Duration max) {
        BigDecimal nanos = seconds(text).movePointRight(9);
        if (nanos.compareTo(BigDecimal.valueOf(min.toNanos())) < 0
                || nanos.compareTo(BigDecimal.valueOf(max.toNanos())) > 0) {
            throw new InvalidValue("between " + write(min) + " and " + write(max) + " is allowed");
        }
        return Duration.ofNanos(nanos.longValue());
    }

    private static BigDecimal seconds(String text) {
        if (!text.equals("0") && !WHOLE.matcher(text).matches()) {
            throw new InvalidValue("write a duration as Docker does, as in \"10s\" or \"1m30s\"");
        }
        return PART.matcher(text).results()
                .map(part -> new BigDecimal(part.group(1)).multiply(unit(part.group(2))))
                .reduce(BigDecimal.ZERO, BigDecimal::add);
    }

    static String write(Duration duration) {
        var text = new StringBuilder();
        append(text, duration.toHours(), "h");
        append(text, duration.toMinutesPart(), "m");
        append(text, duration.toSecondsPart(), "s");
        append(text, duration.toMillisPart(), "ms");
        append(text, duration.toNanosPart() % 1_000_000, "ns");
        return text.isEmpty() ? "0s" : text.toString();
    }

    private static void append(StringBuilder text, long amount, String unit) {
        if (amount > 0) {
            text.append(amount).append(unit);
        }
    }

    private static BigDecimal unit(String name) {
        return switch (name) {
            case "h" -> BigDecimal.valueOf(3_600);
            case "m" -> BigDecimal.valueOf(60);
            case "s" -> BigDecimal.ONE;
            case "ms" -> new BigDecimal("1e-3");
            case "ns" -> new BigDecimal("1e-9");
            default -> new BigDecimal("1e-6");
        };
    }
}
