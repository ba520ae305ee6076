package io.dockworker.wire;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dockworker.command.CommandResult;
import io.dockworker.command.CommandType;
import io.dockworker.command.HostId;
import io.dockworker.command.Outcome;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Writes the one result of a command. */
public final class ResultEncoder {
    /** Where the list of containers stops, in bytes of JSON. */
    static final int MAX_CONTAINERS_BYTES = 512 << 10;
    /** Of a reduced result. */
    private static final int MAX_KEY_BYTES = 64 << 10;

    /** In which a command goes through its phases; any others follow by name. */
    private static final List<String> PHASES = List.of("queued", "pull", "create", "connect", "start");

    private final HostId self;

    /** @param self the host that publishes, the source of results that concern no host or several */
    public ResultEncoder(HostId self) {
        this.self = self;
    }

    /** @param key of the command's record, null where it had none */
    public OutboundMessage encode(byte[] key, CommandResult result) {
        return message(key, result, MAX_CONTAINERS_BYTES, false);
    }

    /** The same without its containers, for when the broker refuses the whole, and without a key that is large itself. */
    public OutboundMessage encodeReduced(byte[] key, CommandResult result) {
        return message(key != null && key.length > MAX_KEY_BYTES ? null : key, result, 0, true);
    }

    /** The value alone, which says nothing of who publishes it. */
    public static String value(CommandResult result) {
        return tree(result, MAX_CONTAINERS_BYTES, false).toString();
    }

    private OutboundMessage message(byte[] key, CommandResult result, int maxBytes, boolean reduced) {
        var event = new CloudEvent("result:" + result.commandId(), "result.v1", result.host().orElse(self),
                result.finishedAt()).with("ce_subject", subject(result.outcome()))
                .with("ce_causationid", result.commandId().value()).with("ce_correlationid", result.correlationId())
                .with("traceparent", result.traceparent());
        return event.message("results", key, tree(result, maxBytes, reduced));
    }

    private static Optional<String> subject(Outcome outcome) {
        return outcome.containers().size() == 1
                ? outcome.containers().getFirst().container().map(container -> container.id().value())
                : Optional.empty();
    }

    private static ObjectNode tree(CommandResult result, int maxBytes, boolean reduced) {
        Outcome outcome = result.outcome();
        ObjectNode json = OutputTree.object().put("command_id", result.commandId().value()).put("type", result.type())
                .put("status", outcome.status().toString()).put("changed", outcome.changed());
        OutputTree.put(json, "host", result.host());
        json.put("attempts", result.attempts());
        putContainers(json, result, maxBytes);
        if (reduced) {
            json.put("containers_total", outcome.containers().size()).put("reduced", true);
        }
        OutputTree.put(json, "received_at", result.receivedAt());
        OutputTree.put(json, "started_at", result.startedAt());
        OutputTree.put(json, "finished_at", result.finishedAt());
        ObjectNode timings = json.putObject("timings_ms");
        result.timings().entrySet().stream()
                .sorted(Comparator.<Map.Entry<String, Duration>>comparingInt(
                        one -> PHASES.indexOf(one.getKey()) & Integer.MAX_VALUE)
                        .thenComparing(Map.Entry::getKey))
                .forEach(one -> timings.put(one.getKey(), one.getValue().toMillis()));
        OutputTree.putFailure(json, outcome.failure());
        return json;
    }

    private static void putContainers(ObjectNode json, CommandResult result, int maxBytes) {
        ArrayNode containers = json.putArray("containers");
        List<Outcome.Member> members = result.outcome().containers();
        int bytes = 2;
        for (Outcome.Member member : members) {
            ObjectNode container = member(member, result.type());
            bytes += container.toString().getBytes(StandardCharsets.UTF_8).length + 1;
            if (bytes > maxBytes) {
                json.put("containers_total", members.size());
                return;
            }
            containers.add(container);
        }
    }

    private static ObjectNode member(Outcome.Member member, String type) {
        Optional<String> host = Optional.of(member.host().value());
        ObjectNode json = member.container().map(container -> OutputTree.container(container, host))
                .orElseGet(() -> OutputTree.noContainer(member.reference(), host));
        if (type.equals(CommandType.REMOVE.toString()) && member.container().isPresent()
                && member.status() == Outcome.Status.SUCCEEDED) {
            // What is known of it was seen before it went.
            json.put("state", "removed").putObject("ports");
        }
        json.put("status", member.status().toString());
        OutputTree.putFailure(json, member.failure());
        return json;
    }
}
