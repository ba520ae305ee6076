package io.dockworker.wire;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dockworker.command.ContainerName;
import io.dockworker.command.ContainerSpec;
import io.dockworker.command.CpuLimit;
import io.dockworker.command.ImageName;
import io.dockworker.command.InvalidValue;
import io.dockworker.command.Labels;
import io.dockworker.command.MemorySize;
import io.dockworker.command.PortMapping;
import io.dockworker.command.PullPolicy;
import io.dockworker.command.Resources;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;

/** Reads the fields that describe a container. */
final class SpecReader {
    private SpecReader() {}

    static ContainerSpec read(Fields fields) {
        ImageName image = fields.text("image", ImageName::new)
                .orElseThrow(() -> new InvalidField("/image", "a create needs an `image`"));
        List<PortMapping> ports = ports(fields);
        Optional<String> networkMode = fields.word("network_mode", CommandReader.MAX_WORD);
        networkMode.filter(mode -> !ports.isEmpty() && publishesNothing(mode)).ifPresent(mode -> {
            throw new InvalidField("/ports",
                    "Docker publishes no ports in network mode `" + mode + "`: leave out one of the two");
        });
        return new ContainerSpec(image, fields.text("name", ContainerName::new),
                fields.dictionary("env", SpecReader::checkVariable), fields.texts("entrypoint"),
                fields.texts("command"), ports, resources(fields), fields.dictionary("labels", SpecReader::checkLabel),
                networkMode, fields.text("pull_policy", SpecReader::pullPolicy).orElse(PullPolicy.MISSING));
    }

    private static boolean publishesNothing(String mode) {
        return mode.equals("host") || mode.equals("none") || mode.startsWith("container:");
    }

    private static void checkVariable(String name) {
        if (name.isEmpty() || name.indexOf('=') >= 0) {
            throw new InvalidValue("the name of a variable is not empty and has no `=` in it");
        }
    }

    private static void checkLabel(String name) {
        if (name.isEmpty()) {
            throw new InvalidValue("the name of a label is not empty");
        }
        if (Labels.isReserved(name)) {
            throw new InvalidValue("Dockworker itself sets `" + Labels.MANAGED_BY + "` and `" + Labels.PREFIX
                    + "*`: choose another name");
        }
    }

    private static PullPolicy pullPolicy(String text) {
        for (PullPolicy policy : PullPolicy.values()) {
            if (policy.name().toLowerCase(Locale.ROOT).equals(text)) {
                return policy;
            }
        }
        throw new InvalidValue("write \"missing\", \"always\" or \"never\"");
    }

    private static Resources resources(Fields fields) {
        Optional<Fields> object = fields.within("resources", "{\"cpu_limit\": \"500m\", \"memory_limit\": \"64m\"}");
        if (object.isEmpty()) {
            return Resources.UNLIMITED;
        }
        Fields inner = object.get();
        FieldNames.check(FieldNames.RESOURCES, inner);
        Optional<CpuLimit> cpu = inner.amount("cpu_limit", CpuLimit::ofCores, CpuLimit::parse);
        Optional<MemorySize> memory = memory(inner, "memory_limit", MemorySize::asLimit);
        Optional<MemorySize> reservation = memory(inner, "memory_reservation", MemorySize::asLimit);
        OptionalLong pids = inner.integer("pids_limit", -1, Integer.MAX_VALUE);
        Optional<MemorySize> shm = memory(inner, "shm_size", Function.identity());
        if (pids.isPresent() && pids.getAsLong() == 0) {
            throw new InvalidField(inner.at("pids_limit"), "write 1 or more, or -1 for no limit");
        }
        // All else was judged above: only the reservation's relation to the limit is left.
        return Fields.valid(inner.at("memory_reservation"), () -> new Resources(cpu, memory, reservation, pids, shm));
    }

    private static Optional<MemorySize> memory(Fields fields, String name, Function<MemorySize, MemorySize> check) {
        Function<BigDecimal, MemorySize> number = MemorySize::ofBytes;
        Function<String, MemorySize> text = MemorySize::parse;
        return fields.amount(name, number.andThen(check), text.andThen(check));
    }

    private static List<PortMapping> ports(Fields fields) {
        List<PortMapping> ports = new ArrayList<>();
        fields.within("ports", "{\"80/tcp\": 8080}").ifPresent(inner -> {
            for (String key : inner.names()) {
                PortMapping port = port(inner, key);
                if (ports.stream().anyMatch(other -> other.key().equals(port.key()))) {
                    throw new InvalidField(inner.at(key), "the port " + port.key() + " stands twice");
                }
                if (ports.stream().anyMatch(port::clashes)) {
                    throw new InvalidField(inner.at(key), "the host's port " + port.hostPort()
                            + " is given to another port already; choose another, or 0 to let the engine pick one");
                }
                ports.add(port);
            }
        });
        return ports;
    }

    private static PortMapping port(Fields ports, String key) {
        PortMapping bare = Fields.valid(ports.at(key), () -> PortMapping.parse(key, "", 0));
        JsonNode value = ports.find(key).orElseThrow();
        if (value.isNumber()) {
            return withHostPort(bare, Fields.integer(ports.at(key), value, 0, 65_535));
        }
        if (!(value instanceof ObjectNode binding)) {
            throw new InvalidField(ports.at(key), "write the host's port as a number, 0 to let the engine pick one, or "
                    + "{\"host_ip\": \"127.0.0.1\", \"host_port\": 0}, not " + Fields.kind(value));
        }
        var inner = new Fields(ports.at(key), binding);
        FieldNames.check(FieldNames.BINDING, inner);
        PortMapping port = withHostPort(bare, inner.integer("host_port", 0, 65_535).orElse(0));
        return inner.text("host_ip",
                ip -> new PortMapping(port.containerPort(), port.protocol(), ip, port.hostPort())).orElse(port);
    }

    private static PortMapping withHostPort(PortMapping port, long hostPort) {
        return new PortMapping(port.containerPort(), port.protocol(), "", (int) hostPort);
    }
}
