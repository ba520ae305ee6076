package io.dockworker.journal;

import io.dockworker.command.Epoch;
import io.dockworker.command.HostId;

/** Another worker has taken this host over. Whoever sees this stops, since nothing it writes counts any more. */
public final class Superseded extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Superseded(HostId host, Epoch epoch) {
        super("another worker owns host " + host + " now; this one had epoch " + epoch);
    }
}
