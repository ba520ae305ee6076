package io.dockworker.journal;

import io.dockworker.command.CommandResult;
import io.dockworker.command.ContainerEvent;
import io.dockworker.command.ContainerId;
import io.dockworker.command.ContainerSnapshot;
import io.dockworker.command.HostId;
import java.time.Instant;

/** Something to be published once, in the order of commitment. */
@SuppressWarnings("ArrayRecordComponent")
public sealed interface OutboxMessage {
    /** @param key of the command's record, null where it had none */
    record Result(byte[] key, CommandResult result) implements OutboxMessage {}

    record Event(ContainerEvent event) implements OutboxMessage {}

    record State(HostId host, ContainerSnapshot container, Instant at) implements OutboxMessage {}

    /** The container is gone: its state is forgotten. */
    record Forgotten(HostId host, ContainerId containerId, Instant at) implements OutboxMessage {}

    record DeadLetter(Source source, String code, String message) implements OutboxMessage {}
}
