package io.dockworker.fleet;

import io.dockworker.journal.LostWork;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Ends what lost hosts leave undone past its deadline, so that every command gets its result. */
public final class LostHosts {
    private static final Logger LOG = LoggerFactory.getLogger(LostHosts.class);
    private static final int AT_ONCE = 100;
    private final Heartbeat own;
    private final LostWork work;

    public LostHosts(Heartbeat own, LostWork work) {
        this.own = own;
        this.work = work;
    }

    /** @throws io.dockworker.journal.Superseded if another worker owns this host now */
    public void runOnce() {
        int ended = AT_ONCE;
        while (ended == AT_ONCE && own.isSteady()) {
            ended = work.endOverdue(AT_ONCE);
            if (ended > 0) {
                LOG.warn("{} commands of lost hosts ended: their deadlines have passed", ended);
            }
        }
    }
}
