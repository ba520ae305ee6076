package io.dockworker.health;

import java.util.Optional;

/** Bytes received and sent through all interfaces but loopback. */
record NetworkBytes(long received, long sent) {
    /** Columns of {@code /proc/<pid>/net/dev} behind the interface's name: eight of receiving come first. */
    private static final int RECEIVED = 0;
    private static final int SENT = 8;

    /** Reads {@code /proc/<pid>/net/dev}; empty if there is nothing but loopback. */
    static Optional<NetworkBytes> parse(String text) {
        Optional<NetworkBytes> sum = Optional.empty();
        for (String line : text.lines().skip(2).toList()) {
            int colon = line.indexOf(':');
            if (colon > 0 && !line.substring(0, colon).strip().equals("lo")) {
                String[] columns = line.substring(colon + 1).strip().split("\\s+", -1);
                if (columns.length > SENT) {
                    NetworkBytes before = sum.orElse(new NetworkBytes(0, 0));
                    sum = Optional.of(new NetworkBytes(before.received + Long.parseLong(columns[RECEIVED]),
                            before.sent + Long.parseLong(columns[SENT])));
                }
            }
        }
        return sum;
    }
}
