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
    private Connection connection;

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
            throw new Unavailable(Fault.of(e), e);
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
