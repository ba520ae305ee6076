package io.dockworker.journal;

import io.dockworker.command.Command;
import io.dockworker.command.CommandId;
import io.dockworker.command.ContainerId;
import io.dockworker.command.ContainerSpec;
import io.dockworker.command.HostId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.util.Map;
import java.util.Optional;

/** Rows of commands, each with its lane's {@code container_id}, {@code had_container} and {@code spec}, and the whole command as {@code command}. */
final class WorkRows {
    private WorkRows() {}

    /** @param commands read so far, by id: the parts of one share it */
    static Work work(ResultSet row, Map<String, Command> commands) throws SQLException {
        String id = row.getString("id");
        String body = row.getString("command");
        int bytes = commands.containsKey(id) ? 0 : body.length();
        Command command = commands.computeIfAbsent(id, _ -> Json.read(body, Command.class));
        return new Work(new WorkKey(new CommandId(id), row.getInt("child")), command,
                new HostId(row.getString("host")), row.getLong("lane"), row.getLong("seq"),
                Optional.ofNullable(row.getString("container_id")).map(ContainerId::new),
                row.getBoolean("had_container"),
                Optional.ofNullable(row.getString("spec")).map(json -> Json.read(json, ContainerSpec.class)),
                Optional.ofNullable(row.getString("spec_hash")), row.getBytes("message_key"), row.getInt("attempts"),
                row.getInt("interruptions"),
                Optional.ofNullable(row.getString("intent")).map(json -> Json.read(json, Intent.class)),
                row.getTimestamp("received_at").toInstant(), row.getTimestamp("deadline_at").toInstant(),
                Optional.ofNullable(row.getTimestamp("expires_at")).map(Timestamp::toInstant),
                Optional.ofNullable(row.getTimestamp("started_at")).map(Timestamp::toInstant),
                row.getTimestamp("read_at").toInstant(), bytes);
    }
}
