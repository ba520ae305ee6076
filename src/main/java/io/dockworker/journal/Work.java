package io.dockworker.journal;

import io.dockworker.command.Command;
import io.dockworker.command.ContainerId;
import io.dockworker.command.ContainerName;
import io.dockworker.command.ContainerSpec;
import io.dockworker.command.Failure;
import io.dockworker.command.HostId;
import io.dockworker.command.Outcome;
import java.time.Instant;
import java.util.Optional;

/**
 * The head of a lane: one command, or one part of it, to be executed for one container.
 *
 * @param seq        its place in the lane, from 1
 * @param container  the lane's container, where it has one
 * @param hadContainer the lane has a container, or had one that was removed
 * @param spec       what the lane's container is made of, where that is on record
 * @param specHash   of a create's specification, fixed at acceptance
 * @param messageKey of the command's record, for the result's
 * @param attempts   how often execution has begun so far
 * @param interruptions how many of these attempts were cut short by a worker that was asked to end
 * @param intent     what an earlier attempt recorded
 * @param expiresAt  not begun after it
 * @param readAt     the database's clock when this was read; all times here are by it
 * @param startedAt  when execution first began
 * @param bytes      roughly what its command takes in memory; nothing where it shares that with another part
 */
@SuppressWarnings("ArrayRecordComponent")
public record Work(WorkKey key, Command command, HostId host, long lane, long seq, Optional<ContainerId> container,
        boolean hadContainer, Optional<ContainerSpec> spec, Optional<String> specHash, byte[] messageKey, int attempts,
        int interruptions, Optional<Intent> intent, Instant receivedAt,
        Instant deadlineAt, Optional<Instant> expiresAt, Optional<Instant> startedAt, Instant readAt,
        int bytes) {
    /** The container to look at: by id where that is known, else by name. */
    public String subject() {
        if (command instanceof Command.Create create) {
            return create.memberName(key.child()).value();
        }
        return container.map(ContainerId::value).orElseGet(command::key);
    }

    /** The name that the lane's container is to have from then on, where it has one that is to give up its own. */
    public Optional<String> wantedName() {
        // Without one the name stays for those behind: it goes with the lane, or when one of them makes another.
        return command instanceof Command.Create && container.isEmpty()
                ? Optional.empty()
                : command.newName(key.child()).map(ContainerName::value);
    }

    /** An end without a container to show. One of several parts says which it was, for only it can tell. */
    public Outcome ended(Outcome.Status status, Failure failure) {
        return key.child() == 0
                ? Outcome.ended(status, failure)
                : Outcome.ended(status, failure, Outcome.Member.unseen(host, subject(), status, failure));
    }
}
