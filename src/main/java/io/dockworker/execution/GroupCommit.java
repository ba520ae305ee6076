package io.dockworker.execution;

import io.dockworker.journal.LaneStep;
import io.dockworker.journal.Recorded;
import io.dockworker.journal.Superseded;
import io.dockworker.journal.Unavailable;
import io.dockworker.journal.WorkQueue;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets lanes share commits: while one transaction is being made durable, the next one gathers. A lane waits until its
 * step is on record, however long the database is away; steps are guarded by the state they found, so one whose commit
 * was in doubt is simply recorded again.
 */
final class GroupCommit {
    private static final Logger LOG = LoggerFactory.getLogger(GroupCommit.class);
    private static final int MAX_GROUP = 256;

    private record Waiting(LaneStep step, CompletableFuture<Recorded> done) {}

    private final WorkQueue queue;
    private final Runnable afterCommit;
    private final BlockingQueue<Waiting> waiting = new LinkedBlockingQueue<>();
    private List<Waiting> unfinished = List.of();

    /** @param afterCommit called after each transaction, to wake the relay */
    GroupCommit(WorkQueue queue, Runnable afterCommit) {
        this.queue = queue;
        this.afterCommit = afterCommit;
    }

    /**
     * Returns once the step is on record.
     *
     * @throws Superseded if this worker no longer owns its host
     */
    Recorded record(LaneStep step) throws InterruptedException {
        try {
            return submit(step).get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new IllegalStateException(e.getCause());
        }
    }

    /** What is to go on record with the next transaction, and what becomes of it. */
    CompletableFuture<Recorded> submit(LaneStep step) {
        var done = new CompletableFuture<Recorded>();
        waiting.add(new Waiting(step, done));
        return done;
    }

    /**
     * Records what waits, or waits a little for something to come.
     *
     * @throws Unavailable if the database is away; the steps stay and are recorded by the next call
     * @throws Superseded  if this worker no longer owns its host
     */
    void runOnce() throws InterruptedException {
        List<Waiting> group = unfinished.isEmpty() ? gather() : unfinished;
        if (group.isEmpty()) {
            return;
        }
        unfinished = group;
        try {
            finish(group, queue.record(group.stream().map(Waiting::step).toList()));
            afterCommit.run();
        } catch (Superseded e) {
            group.forEach(one -> one.done().completeExceptionally(e));
            throw e;
        } catch (Unavailable e) {
            throw e;
        } catch (RuntimeException e) {
            recordAlone(group, e);
        }
        unfinished = List.of();
    }

    private List<Waiting> gather() throws InterruptedException {
        List<Waiting> group = new ArrayList<>();
        Waiting first = waiting.poll(200, TimeUnit.MILLISECONDS);
        if (first != null) {
            group.add(first);
            waiting.drainTo(group, MAX_GROUP - 1);
        }
        return group;
    }

    private static void finish(List<Waiting> group, List<Recorded> recorded) {
        for (int i = 0; i < group.size(); i++) {
            group.get(i).done().complete(recorded.get(i));
        }
    }

    /** One step of the group is refused for its content: find it, so that it does not hold up the others. */
    private void recordAlone(List<Waiting> group, RuntimeException fault) {
        if (group.size() == 1) {
            LOG.error("the journal refuses a step of command {}", group.getFirst().step().work().key(), fault);
            group.getFirst().done().completeExceptionally(fault);
            return;
        }
        for (Waiting one : group) {
            try {
                finish(List.of(one), queue.record(List.of(one.step())));
                afterCommit.run();
            } catch (Superseded | Unavailable e) {
                throw e;
            } catch (RuntimeException e) {
                recordAlone(List.of(one), e);
            }
        }
    }
}
