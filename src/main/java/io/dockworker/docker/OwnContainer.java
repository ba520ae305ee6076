package io.dockworker.docker;

import com.github.dockerjava.api.command.InspectContainerResponse;
import java.nio.file.Path;
import java.util.List;
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
        // Who shares another container's network bears its name; so what is mounted here counts before what the engine says.
        return self.isPresent()
                ? mounts.isRootOrMemory(directory) || isInVolume(self.get(), directory)
                // A container of something else, into which the engine's socket was mounted as a file.
                : mounts.hasAt(socket) && mounts.isRootOrMemory(directory);
    }

    /** A volume has a name, even an anonymous one. It is the engine's, and not where workers outside look. */
    private boolean isInVolume(InspectContainerResponse container, Path directory) {
        return Optional.ofNullable(container.getMounts()).orElse(List.of()).stream()
                .filter(mount -> mount.getName() != null).map(mount -> Path.of(mount.getDestination().getPath()))
                .anyMatch(volume -> mounts.hasAt(volume) && directory.startsWith(volume));
    }
}
