package io.dockworker.journal;

import io.dockworker.command.HostId;
import io.dockworker.postgres.Database;
import io.dockworker.postgres.Fault;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;

/**
 * Hears of work that other workers have put into this host's lanes. It has a connection of its own, past any pooler,
 * which would lose the registration; whoever misses a word finds the work by the slow poll.
 */
public final class Notifications implements AutoCloseable {
    private final Database database;
    private final HostId host;
    private volatile Connection connection;
    private volatile boolean ending;

    public Notifications(Database database, HostId host) {
        this.database = database;
        this.host = host;
    }

    /**
     * Waits for word.
     *
     * @return true if there may be work; so also after each new connection
     * @throws Unavailable if PostgreSQL is away
     */
    public boolean await(Duration time) {
        if (ending) {
            return false;
        }
        try {
            if (connection == null) {
                connection = database.openDirect();
                try (Statement listen = connection.createStatement()) {
                    listen.execute("listen " + PostgresInbox.CHANNEL);
                }
                return true;
            }
            for (PGNotification word : connection.unwrap(PGConnection.class)
                    .getNotifications(Math.toIntExact(time.toMillis()))) {
                if (word.getParameter().equals(host.value())) {
                    return true;
                }
            }
            return false;
        } catch (SQLException e) {
            close();
            if (ending) {
                return false;
            }
            throw new Unavailable(Fault.of(e), e);
        }
    }

    /** Ends a wait that is under way in another thread, which an interrupt does not; there are no others after it. */
    public void end() throws SQLException {
        ending = true;
        Connection waiting = connection;
        if (waiting != null) {
            waiting.abort(Runnable::run);
        }
    }

    @Override
    public void close() {
        if (connection != null) {
            try {
                connection.close();
            } catch (SQLException _) {
                // It is being thrown away.
            }
            connection = null;
        }
    }
}
