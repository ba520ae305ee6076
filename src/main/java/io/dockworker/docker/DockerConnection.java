package io.dockworker.docker;

import io.dockworker.command.InvalidValue;
import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Where an engine listens.
 *
 * @param host            {@code unix:///path/to/socket} or {@code tcp://host:port}
 * @param tlsCertificates the directory with {@code ca.pem}, {@code cert.pem} and {@code key.pem}; empty: no TLS
 */
public record DockerConnection(URI host, Optional<Path> tlsCertificates) {
    public static final DockerConnection LOCAL = new DockerConnection(URI.create("unix:///var/run/docker.sock"),
            Optional.empty());

    public DockerConnection {
        boolean socket = "unix".equals(host.getScheme()) && host.getPath() != null && !host.getPath().isEmpty();
        boolean tcp = "tcp".equals(host.getScheme()) && host.getHost() != null && host.getPort() > 0;
        if (!socket && !tcp) {
            throw new InvalidValue("write an engine's address as unix:///var/run/docker.sock or tcp://host:2376");
        }
        if (socket && tlsCertificates.isPresent()) {
            throw new InvalidValue("TLS certificates are for tcp:// alone");
        }
    }

    /** True where the engine runs on this machine for sure, so that its files and cgroups are ours to see. */
    public boolean isSocket() {
        return host.getScheme().equals("unix");
    }

    @Override
    public String toString() {
        return host.toString();
    }
}
