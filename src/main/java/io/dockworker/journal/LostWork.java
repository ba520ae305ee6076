package io.dockworker.journal;

import io.dockworker.command.Command;
import io.dockworker.command.ErrorCode;
import io.dockworker.command.Failure;
import io.dockworker.command.Outcome;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/**
 * Commands of hosts that are lost. Nobody there ends them, so once their deadline has passed another worker does. A lost
 * host that comes back after all finds them ended, and its own word on them counts no more.
 */
public final class LostWork {
    private final Store store;
    private final Fence fence;

    /** @param fence of the worker that ends them, and publishes their results */
    public LostWork(Jdbi jdbi, Fence fence) {
        this.store = new Store(jdbi);
        this.fence = fence;
    }

    /**
     * Ends some. The caller knows that its own beats reach the database: else all others only seem to be lost.
     *
     * @param limit how many at most
     * @return how many
     * @throws Superseded if the caller no longer owns its host
     */
    public int endOverdue(int limit) {
        return store.inTransaction(transaction -> {
            List<LaneStep> ends = overdue(transaction, limit).stream().<LaneStep>map(LostWork::end).toList();
            StepWriter.write(transaction, fence.host(), ends);
            fence.hold(transaction);
            return ends.size();
        });
    }

    private static List<Work> overdue(Handle transaction, int limit) {
        Map<String, Command> commands = new HashMap<>();
        return transaction
                .createQuery(
                        """
                                    select c.*, coalesce(c.body, whole.body) as command, clock_timestamp() as read_at, l.container_id,
                                l.had_container, l.spec
                                    from commands c join lanes l using (lane) join hosts on hosts.host = c.host
                                    left join commands whole on c.child > 0 and whole.id = c.id and whole.child = 0
                                    where c.state in ('queued', 'executing') and c.deadline_at < clock_timestamp() and not (%s)
                                    order by c.id, c.child limit :limit for update of c skip locked"""
                                .formatted(Hosts.LIVE))
                .bind("limit", limit).map((row, _) -> WorkRows.work(row, commands)).list();
    }

    private static LaneStep end(Work work) {
        Outcome outcome = work.attempts() == 0
                ? work.ended(Outcome.Status.FAILED, Failure.retryable(ErrorCode.HOST_LOST,
                        "host " + work.host() + " was lost before it began, and its deadline has passed"))
                : work.ended(Outcome.Status.UNKNOWN, Failure.of(ErrorCode.OUTCOME_UNKNOWN, "host " + work.host()
                        + " was lost in the middle of it; look at the container before you repeat it"));
        return new LaneStep.End(Completion.untouched(work, outcome));
    }
}
