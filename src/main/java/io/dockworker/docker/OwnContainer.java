package io.dockworker.docker;

import com.github.dockerjava.api.command.InspectContainerResponse;
import com.github.dockerjava.api.model.HostConfig;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The container in which this process runs, if it does, and which of its files its engine's host has, too. Whoever runs
 * an engine of its own inside a container is on that engine's host.
 */
final class OwnContainer {
    private final MountTable mounts;
    private final Optional<InspectContainerResponse> self;
    private final Path socket;

    /**
     * @param self   what the engine says of {@link MountTable#container}; empty if it knows no such container
     * @param socket of the engine, without symbolic links
     */
    OwnContainer(MountTable mounts, Optional<InspectContainerResponse> self, Path socket) {
        this.mounts = mounts;
        this.self = self;
        this.socket = socket;
    }

    /**
     * Whether a directory is this container's alone: no process outside of it, and none in another container, has the same
     * there.
     *
     * @param directory without symbolic links
     */
    boolean hasAlone(Path directory) {
        if (self.isPresent()) {
            return !isFromHost(self.get(), directory);
        }
        // A container of something else, into which the engine's socket was mounted as a file.
        return mounts.hasAt(socket) && mounts.isRootOrMemory(directory);
    }

    private static boolean isFromHost(InspectContainerResponse container, Path directory) {
        Map<Path, Boolean> fromHost = new HashMap<>();
        for (InspectContainerResponse.Mount mount : Optional.ofNullable(container.getMounts()).orElse(List.of())) {
            // A volume has a name, even an anonymous one.
            fromHost.put(Path.of(mount.getDestination().getPath()), mount.getName() == null);
        }
        Optional.ofNullable(container.getHostConfig()).map(HostConfig::getTmpFs).orElse(Map.of())
                .forEach((path, _) -> fromHost.put(Path.of(path), false));
        for (Path at = directory; at != null; at = at.getParent()) {
            if (fromHost.containsKey(at)) {
                return fromHost.get(at);
            }
        }
        return false;
    }
}
