package io.dockworker.journal;

import io.dockworker.command.Epoch;
import io.dockworker.command.HostId;
import org.jdbi.v3.core.Handle;

/** The right to write for a host, as long as no later epoch exists. */
public record Fence(HostId host, Epoch epoch) {
    /**
     * Holds the epoch until the transaction ends: raising it takes the row's full lock, which waits for us. The lock on
     * hosts is the last one in the order of locks, so this is called last.
     *
     * @throws Superseded if a later epoch exists
     */
    public void hold(Handle transaction) {
        boolean ours = transaction
                .createQuery("select 1 from hosts where host = :host and epoch = :epoch for key share")
                .bind("host", host.value()).bind("epoch", epoch.value()).mapTo(Integer.class).findOne().isPresent();
        if (!ours) {
            throw new Superseded(host, epoch);
        }
    }
}
