package io.dockworker.command;

import java.net.Inet6Address;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * One published port.
 *
 * @param containerPort 1 to 65535
 * @param hostIp        empty: every address of the host
 * @param hostPort      0: the engine picks a free one
 */
public record PortMapping(int containerPort, Protocol protocol, String hostIp, int hostPort) {
    private static final Pattern KEY = Pattern.compile("([0-9]{1,5})(?:/([A-Za-z]+))?");
    private static final String OCTET = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";
    private static final Pattern IPV4 = Pattern.compile(OCTET + "(?:\\." + OCTET + "){3}");
    private static final Pattern PERHAPS_IPV6 = Pattern.compile("[0-9a-fA-F:.]{0,45}:[0-9a-fA-F:.]{0,45}");

    /** What a port speaks. */
    public enum Protocol {
        TCP, UDP, SCTP;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public PortMapping {
        if (containerPort < 1 || containerPort > 65_535) {
            throw new InvalidValue("a container port lies between 1 and 65535");
        }
        if (hostPort < 0 || hostPort > 65_535) {
            throw new InvalidValue("a host port lies between 1 and 65535; 0 lets the engine pick one");
        }
        if (!hostIp.isEmpty() && !isAddress(hostIp)) {
            throw new InvalidValue("a host address is an IPv4 or IPv6 address, as in \"127.0.0.1\"");
        }
    }

    /** True for an IPv4 or IPv6 address. */
    public static boolean isAddress(String text) {
        if (!PERHAPS_IPV6.matcher(text).matches()) {
            return IPV4.matcher(text).matches();
        }
        try {
            Inet6Address.ofLiteral(text);
            return true;
        } catch (IllegalArgumentException _) {
            return false;
        }
    }

    /** Reads the left side, {@code 80/tcp}; a number alone is TCP. */
    public static PortMapping parse(String key, String hostIp, int hostPort) {
        var parts = KEY.matcher(key);
        if (!parts.matches()) {
            throw new InvalidValue("write a container port as \"80/tcp\", \"53/udp\" or \"80\"");
        }
        String protocol = parts.group(2) == null ? "TCP" : parts.group(2).toUpperCase(Locale.ROOT);
        for (Protocol known : Protocol.values()) {
            if (known.name().equals(protocol)) {
                return new PortMapping(Integer.parseInt(parts.group(1)), known, hostIp, hostPort);
            }
        }
        throw new InvalidValue("a port's protocol is tcp, udp or sctp");
    }

    /** True where both ask for the same port of the host, which serves one of them only. */
    public boolean clashes(PortMapping other) {
        return hostPort != 0 && hostPort == other.hostPort && protocol == other.protocol
                && (hostIp.equals(other.hostIp) || isEveryAddress() || other.isEveryAddress());
    }

    private boolean isEveryAddress() {
        return hostIp.isEmpty() || hostIp.equals("0.0.0.0") || hostIp.equals("::");
    }

    /** The left side in Docker's form: {@code 80/tcp}. */
    public String key() {
        return containerPort + "/" + protocol;
    }
}
