package io.dockworker.http;

import io.dockworker.command.CommandId;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.UUID;

/** Makes command ids that sort by time: UUID version 7, RFC 9562, 5.7. */
final class FreshId {
    private final InstantSource clock;
    private final SecureRandom random = new SecureRandom();

    FreshId(InstantSource clock) {
        this.clock = clock;
    }

    CommandId next() {
        long time = clock.millis() << 16 | 0x7000 | random.nextInt(1 << 12);
        long tail = 0b10L << 62 | random.nextLong() >>> 2;
        return new CommandId(new UUID(time, tail).toString());
    }
}
