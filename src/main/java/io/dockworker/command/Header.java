package io.dockworker.command;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * What every command carries, whatever it asks for.
 *
 * @param host        the only host that may execute it
 * @param source      who sent it, for people
 * @param traceparent W3C trace context, passed on unread
 * @param expiresAt   not begun after this
 * @param deadline    given up this long after acceptance; empty: the type's default
 */
public record Header(CommandId id, Optional<HostId> host, Optional<String> source, Optional<String> correlationId,
        Optional<String> traceparent, Optional<Instant> expiresAt, Optional<Duration> deadline) {
    public static Header of(CommandId id) {
        return new Header(id, Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(),
                Optional.empty());
    }
}
