package io.dockworker.fleet;

import io.dockworker.journal.OverdueWork;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Ends what nobody will begin or end in time, so that every command gets its result when it is due. */
public final class OverdueCommands {
    private static final Logger LOG = LoggerFactory.getLogger(OverdueCommands.class);
    private static final int AT_ONCE = 100;
    private final Heartbeat own;
    private final OverdueWork work;

    public OverdueCommands(Heartbeat own, OverdueWork work) {
        this.own = own;
        this.work = work;
    }

    /** @throws io.dockworker.journal.Superseded if another worker owns this host now */
    public void runOnce() {
        int ended = AT_ONCE;
        while (ended == AT_ONCE) {
            ended = work.endWaiting(AT_ONCE);
            if (ended > 0) {
                LOG.info("{} commands ended: their turn did not come in time", ended);
            }
        }
        ended = AT_ONCE;
        while (ended == AT_ONCE && own.isSteady()) {
            ended = work.endLost(AT_ONCE);
            if (ended > 0) {
                LOG.warn("{} commands of lost hosts ended: their deadlines have passed", ended);
            }
        }
    }
}
