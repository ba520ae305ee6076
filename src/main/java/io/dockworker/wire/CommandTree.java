package io.dockworker.wire;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.DecimalNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dockworker.command.Command;
import io.dockworker.command.Header;
import io.dockworker.command.Target;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/** The vocabulary's commands as JSON trees, with every default written out. */
final class CommandTree {
    /** Who sent a command and how it is followed; not part of what it asks for. */
    private static final List<String> ENVELOPE = List.of("id", "source", "correlation_id", "traceparent");

    private CommandTree() {}

    static ObjectNode of(Command command) {
        ObjectNode tree = JsonNodeFactory.instance.objectNode();
        Header header = command.header();
        tree.put("id", header.id().value()).put("type", command.type().toString());
        switch (command) {
            case Command.Create create -> {
                SpecTree.put(tree, create.spec());
                tree.put("count", create.count()).put("start", create.start());
            }
            case Command.Start start -> putTarget(tree, start.target());
            case Command.Stop stop -> putStop(tree, stop.target(), stop.gracePeriod(), stop.signal());
            case Command.Restart restart -> putStop(tree, restart.target(), restart.gracePeriod(), restart.signal());
            case Command.Pause pause -> putTarget(tree, pause.target());
            case Command.Unpause unpause -> putTarget(tree, unpause.target());
            case Command.Kill kill -> {
                putTarget(tree, kill.target());
                tree.put("signal", kill.signal()).put("idempotent", kill.idempotent());
            }
            case Command.Remove remove -> {
                putTarget(tree, remove.target());
                tree.put("force", remove.force()).put("volumes", remove.volumes());
            }
            case Command.Rename rename -> {
                putTarget(tree, rename.target());
                tree.put("name", rename.name().value());
            }
            case Command.Update update -> {
                putTarget(tree, update.target());
                SpecTree.put(tree.putObject("resources"), update.resources());
            }
            case Command.Replace replace -> {
                putTarget(tree, replace.target());
                SpecTree.put(tree, replace.change());
                replace.order().ifPresent(order -> tree.put("order", order.toString()));
            }
            case Command.Pull pull -> {
                tree.put("image", pull.image().given());
                SpecTree.putSource(tree, pull.pull());
            }
            case Command.Cancel cancel -> tree.put("command_id", cancel.command().value());
        }
        header.host().ifPresent(host -> tree.put("host", host.value()));
        header.source().ifPresent(source -> tree.put("source", source));
        header.correlationId().ifPresent(id -> tree.put("correlation_id", id));
        header.traceparent().ifPresent(trace -> tree.put("traceparent", trace));
        header.expiresAt().ifPresent(time -> tree.put("expires_at", time.toString()));
        header.deadline().ifPresent(deadline -> tree.put("deadline_seconds", deadline.toSeconds()));
        return tree;
    }

    private static void putTarget(ObjectNode tree, Target target) {
        switch (target) {
            case Target.One one -> tree.put("target", one.reference());
            case Target.AllOf all -> tree.put("image", all.image().given());
        }
    }

    private static void putStop(ObjectNode tree, Target target, Optional<Duration> grace, Optional<String> signal) {
        putTarget(tree, target);
        grace.ifPresent(some -> tree.put("stop_grace_period", Durations.write(some)));
        signal.ifPresent(some -> tree.put("signal", some));
    }

    /** What is asked for, in one form whatever the order of the keys. */
    static String content(ObjectNode command) {
        return canonical(command.deepCopy().remove(ENVELOPE));
    }

    static String canonical(JsonNode tree) {
        return sorted(tree).toString();
    }

    private static JsonNode sorted(JsonNode tree) {
        return switch (tree) {
            case ObjectNode object -> {
                var members = new TreeMap<String, JsonNode>();
                object.properties().forEach(member -> members.put(member.getKey(), sorted(member.getValue())));
                yield JsonNodeFactory.instance.objectNode().setAll(members);
            }
            case ArrayNode array -> {
                ArrayNode copy = JsonNodeFactory.instance.arrayNode(array.size());
                array.forEach(element -> copy.add(sorted(element)));
                yield copy;
            }
            case DecimalNode number -> DecimalNode.valueOf(number.decimalValue().stripTrailingZeros());
            default -> tree;
        };
    }
}
