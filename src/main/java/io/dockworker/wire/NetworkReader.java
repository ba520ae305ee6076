package io.dockworker.wire;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dockworker.command.InvalidValue;
import io.dockworker.command.NetworkSpec;
import io.dockworker.command.PortMapping;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

/** Reads how a container is reached. */
final class NetworkReader {
    private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9_.-]{0,127}");
    private static final String CONTAINER = "container:";
    private static final Pattern MODE = Pattern.compile("(?:" + CONTAINER + ")?" + NAME.pattern());
    /** Of what the engine writes into a container's file of hosts. */
    private static final Pattern HOST = Pattern.compile("[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,253})");
    private static final Pattern HOSTNAME = Pattern
            .compile("[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*");

    private NetworkReader() {}

    static NetworkSpec read(Fields fields) {
        List<PortMapping> ports = ports(fields);
        Optional<String> mode = fields.text("network_mode", NetworkReader::mode);
        mode.filter(word -> !ports.isEmpty() && publishesNothing(word)).ifPresent(word -> {
            throw new InvalidField("/ports",
                    "Docker publishes no ports in network mode `" + word + "`: leave out one of the two");
        });
        List<String> networks = oneOrMore(fields, "networks", NetworkReader::networkName);
        if (networks.stream().distinct().count() < networks.size()) {
            throw new InvalidField("/networks", "a network stands twice");
        }
        Optional<String> hostname = fields.text("hostname", NetworkReader::hostname);
        List<String> extraHosts = extraHosts(fields);
        List<String> dns = oneOrMore(fields, "dns", NetworkReader::address);
        mode.filter(word -> word.startsWith(CONTAINER)).ifPresent(word -> {
            String clash = hostname.isPresent() ? "hostname" : !extraHosts.isEmpty() ? "extra_hosts" : "dns";
            if (hostname.isPresent() || !extraHosts.isEmpty() || !dns.isEmpty()) {
                throw new InvalidField("/" + clash, "a container in another's network (`" + word
                        + "`) has the other's: leave out `" + clash + "`");
            }
        });
        return Fields.valid("/networks",
                () -> new NetworkSpec(ports, networks, mode, hostname, extraHosts, dns));
    }

    private static boolean publishesNothing(String mode) {
        return mode.equals("host") || mode.equals("none") || mode.startsWith(CONTAINER);
    }

    private static String mode(String text) {
        if (!MODE.matcher(text).matches()) {
            throw new InvalidValue("write \"bridge\", \"host\", \"none\", \"container:name\" or a network's name");
        }
        return text;
    }

    private static String networkName(String text) {
        if (!NAME.matcher(text).matches()) {
            throw new InvalidValue("write a network's name, of letters, digits, _ . or -");
        }
        if (List.of("host", "none").contains(text)) {
            throw new InvalidValue("write \"network_mode\": \"" + text + "\" instead: this is no network to join");
        }
        return text;
    }

    private static String hostname(String text) {
        if (text.length() > 63 || !HOSTNAME.matcher(text).matches()) {
            throw new InvalidValue("a host name has letters, digits and -, parts between dots, at most 63 in all");
        }
        return text;
    }

    private static String address(String text) {
        if (!PortMapping.isAddress(text)) {
            throw new InvalidValue("write an IPv4 or IPv6 address, as in \"1.1.1.1\"");
        }
        return text;
    }

    /** As Compose: {@code ["name:address"]} or {@code {"name": "address"}}. */
    private static List<String> extraHosts(Fields fields) {
        Optional<JsonNode> given = fields.find("extra_hosts");
        if (given.filter(JsonNode::isObject).isPresent()) {
            List<String> hosts = new ArrayList<>();
            fields.dictionary("extra_hosts", _ -> {}).forEach((name, ip) -> hosts
                    .add(Fields.valid("/extra_hosts" + Text.step(name), () -> extraHost(name + ":" + ip))));
            return hosts;
        }
        return oneOrMore(fields, "extra_hosts", NetworkReader::extraHost);
    }

    private static String extraHost(String text) {
        int colon = text.indexOf(':');
        String ip = text.substring(colon + 1);
        if (colon < 1 || !HOST.matcher(text.substring(0, colon)).matches()
                || !(ip.equals("host-gateway") || PortMapping.isAddress(ip))) {
            throw new InvalidValue("write \"name:address\", as in \"db:10.0.0.7\" or \"host:host-gateway\"");
        }
        return text;
    }

    /** A text, or an array of texts. */
    static List<String> oneOrMore(Fields fields, String name, UnaryOperator<String> check) {
        boolean one = fields.find(name).filter(JsonNode::isTextual).isPresent();
        List<String> texts = one ? List.of(fields.text(name, text -> text).orElseThrow()) : fields.texts(name);
        List<String> checked = new ArrayList<>();
        for (String text : texts) {
            checked.add(Fields.valid(one ? fields.at(name) : fields.at(name) + "/" + checked.size(),
                    () -> check.apply(text)));
        }
        return checked;
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
