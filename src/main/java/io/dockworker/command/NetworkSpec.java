package io.dockworker.command;

import java.util.List;
import java.util.Optional;

/**
 * How a container is reached, and what it reaches.
 *
 * @param networks   names of those to join
 * @param mode       {@code bridge}, {@code host}, {@code none}, {@code container:<name or id>} or a network's name
 * @param extraHosts each {@code name:address}
 * @param dns        addresses of name servers
 */
public record NetworkSpec(List<PortMapping> ports, List<String> networks, Optional<String> mode,
        Optional<String> hostname, List<String> extraHosts, List<String> dns) {
    public static final NetworkSpec DEFAULT = new NetworkSpec(List.of(), List.of(), Optional.empty(), Optional.empty(),
            List.of(), List.of());

    public NetworkSpec {
        ports = List.copyOf(ports);
        networks = List.copyOf(networks);
        extraHosts = List.copyOf(extraHosts);
        dns = List.copyOf(dns);
        if (mode.isPresent() && !networks.isEmpty()) {
            throw new InvalidValue("a container joins `networks` or has a `network_mode`, not both");
        }
    }

    /** True where both want the same port of the host, bear the same name, or both have all of the host's ports. */
    boolean clashes(NetworkSpec other) {
        return ports.stream().anyMatch(port -> other.ports.stream().anyMatch(port::clashes))
                || (hostname.isPresent() && hostname.equals(other.hostname))
                || (isOfHost() && other.isOfHost());
    }

    private boolean isOfHost() {
        return mode.filter("host"::equals).isPresent();
    }

    public static NetworkSpec mode(String mode) {
        return new NetworkSpec(List.of(), List.of(), Optional.of(mode), Optional.empty(), List.of(), List.of());
    }

    public static NetworkSpec publishing(List<PortMapping> ports) {
        return new NetworkSpec(ports, List.of(), Optional.empty(), Optional.empty(), List.of(), List.of());
    }
}
