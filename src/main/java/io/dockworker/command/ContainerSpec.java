package io.dockworker.command;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a create asks for, in Docker's and Compose's terms.
 *
 * @param name       empty: made from the image and the command's id
 * @param env        in the order given
 * @param entrypoint empty: the image's own
 * @param command    empty: the image's own
 * @param labels     without the {@linkplain Labels ones that Dockworker sets}
 */
public record ContainerSpec(ImageName image, Optional<ContainerName> name, Map<String, String> env,
        List<String> entrypoint, List<String> command, List<PortMapping> ports, Resources resources,
        Map<String, String> labels, Optional<String> networkMode, PullPolicy pullPolicy) {
    public ContainerSpec {
        // LinkedHashMap order is kept: the engine shows the environment in the order it was given.
        env = Collections.unmodifiableMap(new LinkedHashMap<>(env));
        entrypoint = List.copyOf(entrypoint);
        command = List.copyOf(command);
        ports = List.copyOf(ports);
        labels = Collections.unmodifiableMap(new LinkedHashMap<>(labels));
    }
}
