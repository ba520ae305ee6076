package io.dockworker.postgres;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.micrometer.core.instrument.MeterRegistry;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.jdbi.v3.core.HandleCallback;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.postgres.PostgresPlugin;

/**
 * One PostgreSQL database: a pool of connections that tolerates its absence, and the schema. Nobody waits without end
 * for a connection (5 s) or an answer (30 s), nor for whoever does not go on with a transaction (10 s). Sessions work in
 * UTC.
 */
public final class Database implements AutoCloseable {
    /**
     * The driver sends this process's time zone when it connects, and that beats its own {@code options}. And a process
     * that is frozen in the middle of a transaction, or whose machine is gone, must not keep its locks from the others.
     */
    private static final String SESSION = "set time zone 'UTC'; set idle_in_transaction_session_timeout = '10s'";

    /** Flyway's first connection waits in a transaction while its second one migrates, for as long as that takes. */
    private static final String MIGRATION_SESSION = "set time zone 'UTC'";

    private static final String SCHEMA_HISTORY = "dockworker_schema_history";

    /** Any number that no other lock of ours has. */
    static final long MIGRATION_LOCK = 0x6D696772617465L;

    private final PostgresAddress address;
    private final HikariDataSource pool;
    private final Jdbi jdbi;

    /** Connects when first used; PostgreSQL may come later. */
    public Database(PostgresAddress address, MeterRegistry meters) {
        this.address = address;
        HikariConfig config = new HikariConfig();
        config.setPoolName("postgres");
        config.setJdbcUrl(address.jdbcUrl());
        config.setDataSourceProperties(properties(address));
        config.setMaximumPoolSize(10);
        config.setMinimumIdle(2);
        config.setInitializationFailTimeout(-1);
        config.setConnectionTimeout(Duration.ofSeconds(5).toMillis());
        config.setValidationTimeout(Duration.ofSeconds(2).toMillis());
        config.setConnectionInitSql(SESSION);
        config.setMetricRegistry(meters);
        pool = new HikariDataSource(config);
        jdbi = Jdbi.create(pool).installPlugin(new PostgresPlugin());
    }

    public Jdbi jdbi() {
        return jdbi;
    }

    /**
     * Runs the work in one transaction: committed when it returns, rolled back when it throws. Nothing is tried again;
     * {@link Fault} tells whether it would be worth it. After a failed commit nobody knows whether it took
     * effect: read before acting.
     */
    public <T, X extends Exception> T inTransaction(HandleCallback<T, X> work) throws X {
        return jdbi.inTransaction(work);
    }

    /**
     * Brings the schema up to date. Several workers may do so at once: one does, the others wait for it. Flyway's own
     * lock would not do, since it lies on a table that the first of them still has to make.
     *
     * @throws FlywayException if PostgreSQL is away or the schema is not ours
     */
    public void migrate() {
        try (Connection connection = openDirect(); Statement lock = connection.createStatement()) {
            // Held until the connection is closed.
            lock.execute("select pg_advisory_lock(" + MIGRATION_LOCK + ")");
            migrateAlone();
        } catch (SQLException e) {
            throw new FlywayException("PostgreSQL: " + e.getMessage(), e);
        }
    }

    private void migrateAlone() {
        // Somebody else may keep tables in the same schema; ours are recognised by Flyway's own table.
        // Not the pool: a migration may take longer than any answer that a worker waits for.
        Map<String, String> properties = new HashMap<>();
        properties(address).forEach((name, value) -> properties.put((String) name, (String) value));
        properties.put("socketTimeout", "0");
        Flyway.configure().dataSource(address.jdbcUrl(), null, null).jdbcProperties(properties)
                .initSql(MIGRATION_SESSION).locations("classpath:db/migration").baselineOnMigrate(true)
                .baselineVersion("0").table(SCHEMA_HISTORY).load().migrate();
    }

    /** True if PostgreSQL answers now. */
    public boolean answers() {
        try (Connection connection = pool.getConnection()) {
            return connection.isValid(2);
        } catch (SQLException _) {
            return false;
        }
    }

    /** Why PostgreSQL cannot be used now, in its own words; empty if it answers. Asks on a connection of its own. */
    public Optional<String> complaint() {
        try (Connection connection = openDirect()) {
            return connection.isValid(2) ? Optional.empty() : Optional.of("it gives no answer");
        } catch (SQLException e) {
            return Optional.of(e.getMessage());
        }
    }

    /** Whether the schema has been made: the first worker does that. */
    public boolean hasSchema() {
        return jdbi.withHandle(handle -> handle.createQuery("select to_regclass(:table) is not null")
                .bind("table", SCHEMA_HISTORY).mapTo(Boolean.class).one());
    }

    /** A connection outside the pool, for LISTEN, which needs one of its own for good. */
    public Connection openDirect() throws SQLException {
        Properties properties = properties(address);
        // Notifications may be a long time in coming.
        properties.setProperty("socketTimeout", "0");
        Connection connection = DriverManager.getConnection(address.jdbcUrl(), properties);
        try (Statement statement = connection.createStatement()) {
            statement.execute(SESSION);
            return connection;
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    private static Properties properties(PostgresAddress address) {
        Properties properties = new Properties();
        address.user().ifPresent(user -> properties.setProperty("user", user));
        address.password().ifPresent(password -> properties.setProperty("password", password));
        properties.setProperty("ApplicationName", "dockworker");
        properties.setProperty("tcpKeepAlive", "true");
        properties.setProperty("connectTimeout", "5");
        // A frozen server must not hold a thread for ever.
        properties.setProperty("socketTimeout", "30");
        return properties;
    }

    @Override
    public void close() {
        pool.close();
    }
}
