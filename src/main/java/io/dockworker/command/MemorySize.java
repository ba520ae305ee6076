package io.dockworker.command;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Locale;
import java.util.regex.Pattern;

/** An amount of memory in bytes; units are powers of 1024, as in {@code docker --memory}. */
public record MemorySize(long bytes) {
    private static final Pattern SHAPE = Pattern
            .compile("(?<amount>[0-9]{1,19}(?:\\.[0-9]{1,9})?) ?(?<unit>[kKmMgGtTpP])?[iI]?[bB]?");
    /** Below this the engine refuses: "Minimum memory limit allowed is 6MB". */
    private static final long MIN_LIMIT = 6L << 20;

    /** The engine doubles a limit for memory and swap together, and does not notice when that is too much. */
    private static final BigDecimal MAX = BigDecimal.valueOf(1L << 62);

    public MemorySize {
        if (bytes < 1) {
            throw new InvalidValue("an amount of memory is at least one byte");
        }
    }

    /** Reads {@code "512m"}, {@code "1g"}, {@code "1.5GiB"} or plain bytes. */
    public static MemorySize parse(String text) {
        var parts = SHAPE.matcher(text);
        if (!parts.matches()) {
            throw new InvalidValue("write bytes or a number with b, k, m or g, as in \"512m\" or \"1g\"");
        }
        String unit = parts.group("unit");
        int shift = unit == null ? 0 : 10 * (1 + "kmgtp".indexOf(unit.toLowerCase(Locale.ROOT)));
        BigDecimal bytes = new BigDecimal(parts.group("amount")).multiply(BigDecimal.valueOf(1L << shift));
        // A part of a byte is cut off only where somebody wrote a part of something larger.
        return ofBytes(unit == null ? bytes : bytes.setScale(0, RoundingMode.DOWN));
    }

    /** Bytes from a number of any size. */
    public static MemorySize ofBytes(BigDecimal bytes) {
        if (bytes.compareTo(MAX) >= 0 || bytes.stripTrailingZeros().scale() > 0) {
            throw new InvalidValue("write a whole number of bytes below 2^62, or a unit, as in \"512m\"");
        }
        return new MemorySize(bytes.longValueExact());
    }

    /** This amount as a container's memory limit or reservation, which the engine wants to be at least 6 MiB. */
    public MemorySize asLimit() {
        if (bytes < MIN_LIMIT) {
            throw new InvalidValue("Docker refuses a memory limit or reservation under 6m");
        }
        return this;
    }
}
