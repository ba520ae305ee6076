package io.dockworker.command;

import java.math.BigDecimal;
import java.util.regex.Pattern;

/**
 * A share of the host's processors.
 *
 * @param nanos billionths of a core, as Docker's {@code NanoCpus}
 */
public record CpuLimit(long nanos) {
    private static final Pattern CORES = Pattern
            .compile("(?:[0-9]{1,6}(?:\\.[0-9]{0,18})?|\\.[0-9]{1,18})(?:[eE][+-]?[0-9]{1,2})?");
    private static final Pattern MILLICORES = Pattern.compile("[0-9]{1,9}m");
    /** The kernel's quota is whole microseconds of a period of 100 ms, so a finer share would be cut off. */
    private static final long QUANTUM_NANOS = 10_000;
    private static final long MIN_NANOS = 10_000_000;

    public CpuLimit {
        if (nanos < MIN_NANOS) {
            throw new InvalidValue("at least 0.01 cores (10m) is needed");
        }
        if (nanos % QUANTUM_NANOS != 0) {
            throw new InvalidValue("the kernel keeps at most 5 decimals of a core");
        }
    }

    /** Reads {@code "0.5"} as {@code docker --cpus} would, or {@code "500m"} as Kubernetes' millicores. */
    public static CpuLimit parse(String text) {
        if (MILLICORES.matcher(text).matches()) {
            return new CpuLimit(Long.parseLong(text.substring(0, text.length() - 1)) * 1_000_000);
        }
        if (CORES.matcher(text).matches()) {
            return ofCores(new BigDecimal(text));
        }
        throw new InvalidValue("write cores (\"0.5\", \"2\") or millicores (\"500m\")");
    }

    public static CpuLimit ofCores(BigDecimal cores) {
        if (cores.abs().compareTo(BigDecimal.valueOf(1_000_000)) >= 0) {
            throw new InvalidValue("write cores (0.5, 2), fewer than a million");
        }
        if (cores.stripTrailingZeros().scale() > 9) {
            throw new InvalidValue("the kernel keeps at most 5 decimals of a core");
        }
        return new CpuLimit(cores.movePointRight(9).longValueExact());
    }

    /** For showing: {@code 0.5}. */
    public BigDecimal cores() {
        return BigDecimal.valueOf(nanos, 9).stripTrailingZeros();
    }
}
