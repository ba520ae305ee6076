package io.dockworker.wire;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.DecimalNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dockworker.command.Command;
import io.dockworker.command.ContainerSpec;
import io.dockworker.command.Header;
import io.dockworker.command.Resources;
import io.dockworker.command.Target;
import java.util.List;
import java.util.Locale;
import java.util.Map;
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
                putSpec(tree, create.spec());
                tree.put("count", create.count()).put("start", create.start());
            }
            case Command.Start start -> putTarget(tree, start.target());
            case Command.Stop stop -> {
                putTarget(tree, stop.target());
                stop.gracePeriod().ifPresent(grace -> tree.put("stop_grace_period", Durations.write(grace)));
                stop.signal().ifPresent(signal -> tree.put("signal", signal));
            }
            case Command.Remove remove -> {
                putTarget(tree, remove.target());
                tree.put("force", remove.force()).put("volumes", remove.volumes());
            }
        }
        header.host().ifPresent(host -> tree.put("host", host.value()));
        header.source().ifPresent(source -> tree.put("source", source));
        header.correlationId().ifPresent(id -> tree.put("correlation_id", id));
        header.traceparent().ifPresent(trace -> tree.put("traceparent", trace));
        header.expiresAt().ifPresent(time -> tree.put("expires_at", time.toString()));
        header.deadline().ifPresent(deadline -> tree.put("deadline_seconds", deadline.toSeconds()));
        return tree;
    }

    static ObjectNode of(ContainerSpec spec) {
        ObjectNode tree = JsonNodeFactory.instance.objectNode();
        putSpec(tree, spec);
        return tree;
    }

    private static void putTarget(ObjectNode tree, Target target) {
        switch (target) {
            case Target.One one -> tree.put("target", one.reference());
            case Target.AllOf all -> tree.put("image", all.image().given());
        }
    }

    private static void putSpec(ObjectNode tree, ContainerSpec spec) {
        tree.put("image", spec.image().given());
        spec.name().ifPresent(name -> tree.put("name", name.value()));
        put(tree.putObject("env"), spec.env());
        put(tree.putArray("entrypoint"), spec.entrypoint());
        put(tree.putArray("command"), spec.command());
        ObjectNode ports = tree.putObject("ports");
        spec.ports().forEach(port -> {
            ObjectNode binding = ports.putObject(port.key()).put("host_port", port.hostPort());
            if (!port.hostIp().isEmpty()) {
                binding.put("host_ip", port.hostIp());
            }
        });
        putResources(tree.putObject("resources"), spec.resources());
        put(tree.putObject("labels"), spec.labels());
        spec.networkMode().ifPresent(mode -> tree.put("network_mode", mode));
        tree.put("pull_policy", spec.pullPolicy().name().toLowerCase(Locale.ROOT));
    }

    private static void putResources(ObjectNode tree, Resources resources) {
        resources.cpu().ifPresent(cpu -> tree.put("cpu_limit", cpu.cores().toPlainString()));
        resources.memory().ifPresent(memory -> tree.put("memory_limit", memory.bytes()));
        resources.memoryReservation().ifPresent(memory -> tree.put("memory_reservation", memory.bytes()));
        resources.pids().ifPresent(pids -> tree.put("pids_limit", pids));
        resources.shm().ifPresent(shm -> tree.put("shm_size", shm.bytes()));
    }

    private static void put(ObjectNode object, Map<String, String> entries) {
        entries.forEach(object::put);
    }

    private static void put(ArrayNode array, List<String> texts) {
        texts.forEach(array::add);
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
