package io.dockworker.health;

import io.dockworker.command.ContainerId;
import io.dockworker.command.HealthSample;
import io.dockworker.command.HostId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.argument.Argument;
import org.jdbi.v3.core.statement.Update;

/** Samples to and from rows of {@code health_snapshots}. */
final class HealthRows {
    /** In the order of the statement: one array each, so that a batch of any size is one round trip and one plan. */
    private static final List<Column> COLUMNS = List.of(
            new Column("sampled_at", "timestamptz", sample -> sample.sampledAt().atOffset(ZoneOffset.UTC)),
            new Column("memory_bytes", "bigint", HealthSample::memoryBytes),
            new Column("memory_limit_bytes", "bigint", sample -> boxed(sample.memoryLimitBytes())),
            new Column("network_rx_bytes", "bigint", sample -> boxed(sample.networkRxBytes())),
            new Column("network_tx_bytes", "bigint", sample -> boxed(sample.networkTxBytes())),
            new Column("block_read_bytes", "bigint", sample -> boxed(sample.blockReadBytes())),
            new Column("block_write_bytes", "bigint", sample -> boxed(sample.blockWriteBytes())),
            new Column("pids", "bigint", sample -> boxed(sample.pids())),
            new Column("cpu_usage", "real", sample -> (float) sample.cpuPercent()),
            new Column("memory_usage", "real", sample -> (float) sample.memoryPercent()),
            new Column("disk_usage", "real", sample -> boxed(sample.diskPercent())),
            new Column("cpu_cores", "real", sample -> (float) sample.cpuCores()),
            new Column("cpu_limit_cores", "real", sample -> boxed(sample.cpuLimitCores())),
            new Column("interval_seconds", "integer", sample -> Math.toIntExact(sample.interval().toSeconds())),
            new Column("restart_count", "integer", HealthSample::restartCount),
            new Column("container_id", "text", sample -> sample.containerId().value()),
            new Column("name", "text", sample -> sample.name()), new Column("image", "text", sample -> sample.image()),
            new Column("host", "text", sample -> sample.host().value()),
            new Column("status", "text", sample -> sample.status().toString()),
            new Column("docker_health", "text", sample -> sample.dockerHealth()),
            // Arrays of arrays must be rectangular, so the reasons of one sample travel as lines.
            new Column("reasons", "text", sample -> String.join("\n", sample.reasons())));
    private static final String INSERT = insert();

    /** @param value how a sample fills it; null for an SQL null */
    private record Column(String name, String type, Function<HealthSample, Object> value) {
        boolean isLines() {
            return name.equals("reasons");
        }
    }

    private HealthRows() {}

    private static String insert() {
        String names = String.join(", ", COLUMNS.stream().map(Column::name).toList());
        String arrays = String.join(", ", COLUMNS.stream().map(column -> "?::" + column.type() + "[]").toList());
        String values = String.join(", ", COLUMNS.stream()
                .map(column -> column.isLines() ? "string_to_array(" + column.name() + ", E'\\n')" : column.name())
                .toList());
        return "insert into health_snapshots (" + names + ") select " + values + " from unnest(" + arrays + ") as row("
                + names + ") on conflict do nothing";
    }

    static void insert(Handle handle, List<HealthSample> samples) {
        Update insert = handle.createUpdate(INSERT);
        for (int index = 0; index < COLUMNS.size(); index++) {
            Column column = COLUMNS.get(index);
            Object[] values = samples.stream().map(column.value()).toArray();
            insert.bind(index, (Argument) (position, statement, _) -> statement.setArray(position,
                    statement.getConnection().createArrayOf(column.type(), values)));
        }
        insert.execute();
    }

    static HealthSample sample(ResultSet row) throws SQLException {
        return new HealthSample(new ContainerId(row.getString("container_id")), row.getString("name"),
                row.getString("image"), new HostId(row.getString("host")),
                row.getObject("sampled_at", OffsetDateTime.class).toInstant(),
                Duration.ofSeconds(row.getInt("interval_seconds")), decimal(row.getFloat("cpu_usage")),
                decimal(row.getFloat("memory_usage")), optionalDecimal(row, "disk_usage"),
                HealthSample.Status.valueOf(row.getString("status").toUpperCase(Locale.ROOT)),
                List.of((String[]) row.getArray("reasons").getArray()), decimal(row.getFloat("cpu_cores")),
                optionalDecimal(row, "cpu_limit_cores"), row.getLong("memory_bytes"),
                optionalLong(row, "memory_limit_bytes"), optionalLong(row, "network_rx_bytes"),
                optionalLong(row, "network_tx_bytes"), optionalLong(row, "block_read_bytes"),
                optionalLong(row, "block_write_bytes"), optionalLong(row, "pids"), row.getInt("restart_count"),
                row.getString("docker_health"));
    }

    private static Long boxed(OptionalLong value) {
        return value.isPresent() ? value.getAsLong() : null;
    }

    private static Float boxed(OptionalDouble value) {
        return value.isPresent() ? (float) value.getAsDouble() : null;
    }

    /** 25.5 as written, not the double nearest to the stored float, 25.50000011. */
    private static double decimal(float stored) {
        return Double.parseDouble(Float.toString(stored));
    }

    private static OptionalDouble optionalDecimal(ResultSet row, String column) throws SQLException {
        float value = row.getFloat(column);
        return row.wasNull() ? OptionalDouble.empty() : OptionalDouble.of(decimal(value));
    }

    private static OptionalLong optionalLong(ResultSet row, String column) throws SQLException {
        long value = row.getLong(column);
        return row.wasNull() ? OptionalLong.empty() : OptionalLong.of(value);
    }
}
