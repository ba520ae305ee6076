package io.dockworker.postgres;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.micrometer.core.instrument.MeterRegistry;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Properties;
import org.flywaydb.core.Flyway;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.postgres.PostgresPlugin;

/** One PostgreSQL database: a pool of connections that tolerates its absence, and the schema. */
public final class Database implements AutoCloseable {
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
        config.setMetricRegistry(meters);
        pool = new HikariDataSource(config);
        jdbi = Jdbi.create(pool).installPlugin(new PostgresPlugin());
    }

    public Jdbi jdbi() {
        return jdbi;
    }

    /**
     * Brings the schema up to date. Several workers may do so at once: Flyway takes a lock.
     *
     * @throws org.flywaydb.core.api.FlywayException if PostgreSQL is away or the schema is not ours
     */
    public void migrate() {
        // Somebody else may keep tables in the same schema; ours are recognised by Flyway's own table.
        Flyway.configure().dataSource(pool).locations("classpath:db/migration").baselineOnMigrate(true)
                .baselineVersion("0").table("dockworker_schema_history").load().migrate();
    }

    /** True if PostgreSQL answers now. */
    public boolean answers() {
        try (Connection connection = pool.getConnection()) {
            return connection.isValid(2);
        } catch (SQLException _) {
            return false;
        }
    }

    /** A connection outside the pool, for LISTEN, which needs one of its own for good. */
    public Connection openDirect() throws SQLException {
        Properties properties = properties(address);
        // Notifications may be a long time in coming.
        properties.setProperty("socketTimeout", "0");
        return DriverManager.getConnection(address.jdbcUrl(), properties);
    }

    private static Properties properties(PostgresAddress address) {
        Properties properties = new Properties();
        address.user().ifPresent(user -> properties.setProperty("user", user));
        address.password().ifPresent(password -> properties.setProperty("password", password));
        properties.setProperty("ApplicationName", "dockworker");
        properties.setProperty("reWriteBatchedInserts", "false");
        properties.setProperty("tcpKeepAlive", "true");
        properties.setProperty("connectTimeout", "5");
        // A frozen server must not hold a thread for ever.
        properties.setProperty("socketTimeout", "30");
        properties.setProperty("options", "-c TimeZone=UTC");
        return properties;
    }

    @Override
    public void close() {
        pool.close();
    }
}
