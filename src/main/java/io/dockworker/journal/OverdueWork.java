package io.dockworker.journal;

import io.dockworker.command.Command;
import io.dockworker.command.ErrorCode;
import io.dockworker.command.Failure;
import io.dockworker.command.Outcome;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/**
 * Commands whose time is over and that nobody is at work on: those that still wait for their turn, and those of hosts that
 * are lost. A lost host that comes back after all finds them ended, and its own word on them counts no more.
 */
public final class OverdueWork {
    /** Whatever lies before it in its lane has its turn, and an eye on the clock itself. */
    private static final String WAITING = """
            c.host = :own and c.state = 'queued' and c.attempts = 0
            and least(c.deadline_at, c.expires_at) < clock_timestamp()
            and exists (select 1 from commands h where h.host = c.host and h.lane = c.lane and h.seq < c.seq
                and h.state in ('queued', 'executing'))""";
    private static final String LOST = """
            c.state in ('queued', 'executing') and c.deadline_at < clock_timestamp()
            and not exists (select 1 from hosts where hosts.host = c.host and\s""" + Hosts.LIVE + ")";

    private final Store store;
    private final Fence fence;

    /** @param fence of the worker that ends them, and publishes their results */
    public OverdueWork(Jdbi jdbi, Fence fence) {
        this.store = new Store(jdbi);
        this.fence = fence;
    }

    /**
     * Ends some of this host's that are overdue or expired before their turn.
     *
     * @param limit how many at most
     * @return how many
     * @throws Superseded if this worker no longer owns its host
     */
    public int endWaiting(int limit) {
        return end(WAITING, limit, OverdueWork::late);
    }

    /**
     * Ends some of lost hosts. The caller knows that its own beats reach the database: else all others only seem to be
     * lost.
     *
     * @param limit how many at most
     * @return how many
     * @throws Superseded if the caller no longer owns its host
     */
    public int endLost(int limit) {
        return end(LOST, limit, OverdueWork::lost);
    }

    private int end(String which, int limit, Function<Work, Outcome> outcome) {
        return store.inTransaction(transaction -> {
            List<LaneStep> ends = find(transaction, which, limit).stream()
                    .<LaneStep>map(work -> new LaneStep.End(Completion.untouched(work, outcome.apply(work)))).toList();
            StepWriter.write(transaction, fence.host(), ends);
            fence.hold(transaction);
            return ends.size();
        });
    }

    private List<Work> find(Handle transaction, String which, int limit) {
        Map<String, Command> commands = new HashMap<>();
        return transaction.createQuery("""
                select c.*, coalesce(c.body, whole.body) as command, clock_timestamp() as read_at, l.container_id,
                    l.had_container, l.spec
                from commands c join lanes l using (lane)
                left join commands whole on c.child > 0 and whole.id = c.id and whole.child = 0
                where %s order by c.id, c.child limit :limit for update of c skip locked""".formatted(which))
                .bindMap(Map.of("limit", limit, "own", fence.host().value()))
                .map((row, _) -> WorkRows.work(row, commands)).list();
    }

    private static Outcome late(Work work) {
        boolean expired = work.expiresAt().filter(at -> !at.isAfter(work.readAt())).isPresent();
        return expired
                ? work.ended(Outcome.Status.EXPIRED,
                        Failure.at("/expires_at", ErrorCode.EXPIRED, "it was not begun before it expired"))
                : work.ended(Outcome.Status.FAILED, Failure.retryable(ErrorCode.TIMEOUT,
                        "its deadline passed before its turn came, behind other commands for the same container"));
    }

    private static Outcome lost(Work work) {
        return work.attempts() == 0
                ? work.ended(Outcome.Status.FAILED, Failure.retryable(ErrorCode.HOST_LOST,
                        "host " + work.host() + " was lost before it began, and its deadline has passed"))
                : work.ended(Outcome.Status.UNKNOWN, Failure.of(ErrorCode.OUTCOME_UNKNOWN, "host " + work.host()
                        + " was lost in the middle of it; look at the container before you repeat it"));
    }
}
