package io.dockworker.command;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * The one terminal answer to a command, as the results topic carries it.
 *
 * @param type     as the command wrote it; text, since a rejected command's type may be no type of ours
 * @param host     empty if several hosts took part, or none
 * @param attempts how many times execution began
 * @param startedAt empty if execution never began
 * @param timings  by phase: {@code queued}, {@code pull}, {@code create}, {@code start}, …
 */
public record CommandResult(CommandId commandId, String type, Outcome outcome, Optional<HostId> host, int attempts,
        Instant receivedAt, Optional<Instant> startedAt, Instant finishedAt, Map<String, Duration> timings,
        Optional<String> correlationId, Optional<String> traceparent) {}
