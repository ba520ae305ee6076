package io.dockworker.command;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What a create asks for, in Docker's and Compose's terms.
 *
 * @param name       empty: made from the image and the command's id
 * @param labels     without the {@linkplain Labels ones that Dockworker sets}
 * @param secretRefs variables whose values are secrets, by the names under which the host keeps them
 */
public record ContainerSpec(ImageName image, ImagePull pull, Optional<ContainerName> name, Map<String, String> labels,
        ProcessSpec process, NetworkSpec network, StorageSpec storage, Resources resources, IsolationSpec isolation,
        Optional<RestartPolicy> restartPolicy, Optional<Healthcheck> healthcheck, Optional<Logging> logging,
        Map<String, String> secretRefs) {
    public ContainerSpec {
        labels = Collections.unmodifiableMap(new LinkedHashMap<>(labels));
        secretRefs = Collections.unmodifiableMap(new LinkedHashMap<>(secretRefs));
        if (secretRefs.keySet().stream().anyMatch(process.env()::containsKey)) {
            throw new InvalidValue("a variable is given by `env` or by `secret_refs`, not by both");
        }
    }

    /** Everything as the image and the engine have it. */
    public static ContainerSpec of(ImageName image) {
        return new ContainerSpec(image, ImagePull.MISSING, Optional.empty(), Map.of(), ProcessSpec.OF_IMAGE,
                NetworkSpec.DEFAULT, StorageSpec.NONE, Resources.UNLIMITED, IsolationSpec.DEFAULT, Optional.empty(),
                Optional.empty(), Optional.empty(), Map.of());
    }

    /** True where two containers made like this would dispute a port, a volume or a host name if both ran. */
    public boolean clashes(ContainerSpec other) {
        return network.clashes(other.network) || storage.clashes(other.storage);
    }

    public ContainerSpec with(ContainerName other) {
        return new ContainerSpec(image, pull, Optional.of(other), labels, process, network, storage, resources,
                isolation, restartPolicy, healthcheck, logging, secretRefs);
    }

    public ContainerSpec with(ImagePull other) {
        return new ContainerSpec(image, other, name, labels, process, network, storage, resources, isolation,
                restartPolicy, healthcheck, logging, secretRefs);
    }

    public ContainerSpec with(ProcessSpec other) {
        return new ContainerSpec(image, pull, name, labels, other, network, storage, resources, isolation,
                restartPolicy, healthcheck, logging, secretRefs);
    }

    public ContainerSpec with(NetworkSpec other) {
        return new ContainerSpec(image, pull, name, labels, process, other, storage, resources, isolation,
                restartPolicy, healthcheck, logging, secretRefs);
    }

    public ContainerSpec with(Resources other) {
        return new ContainerSpec(image, pull, name, labels, process, network, storage, other, isolation, restartPolicy,
                healthcheck, logging, secretRefs);
    }

    public ContainerSpec with(RestartPolicy other) {
        return new ContainerSpec(image, pull, name, labels, process, network, storage, resources, isolation,
                Optional.of(other), healthcheck, logging, secretRefs);
    }

    public ContainerSpec withLabels(Map<String, String> other) {
        return new ContainerSpec(image, pull, name, other, process, network, storage, resources, isolation,
                restartPolicy, healthcheck, logging, secretRefs);
    }
}
