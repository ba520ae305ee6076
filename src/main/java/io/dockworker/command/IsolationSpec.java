package io.dockworker.command;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How far a container is shut off from its host.
 *
 * @param capAdd      capabilities in upper case without {@code CAP_}, or {@code ALL}
 * @param pid         {@code host} or {@code container:<name or id>}
 * @param devices     each {@code /dev/of-host[:/dev/in-container[:rwm]]}
 * @param securityOpt as {@code docker run --security-opt}
 * @param ulimits     by name, as in {@code nofile}
 */
public record IsolationSpec(List<String> capAdd, List<String> capDrop, boolean privileged, Optional<String> pid,
        List<Device> devices, List<String> securityOpt, Map<String, String> sysctls, Map<String, Ulimit> ulimits,
        Optional<Gpus> gpus) {
    public static final IsolationSpec DEFAULT = new IsolationSpec(List.of(), List.of(), false, Optional.empty(),
            List.of(), List.of(), Map.of(), Map.of(), Optional.empty());

    /** @param permissions of {@code r}, {@code w}, {@code m} */
    public record Device(String onHost, String inContainer, String permissions) {}

    /** −1: no limit. */
    public record Ulimit(long soft, long hard) {
        public Ulimit {
            if (soft < -1 || hard < -1) {
                throw new InvalidValue("a limit is a number from 0, or -1 for none");
            }
            if (hard != -1 && (soft == -1 || soft > hard)) {
                throw new InvalidValue("the soft limit does not exceed the hard one");
            }
        }
    }

    /**
     * Some, or certain graphics processors.
     *
     * @param count −1: all; 0: those with the ids
     */
    public record Gpus(int count, List<String> ids) {
        public Gpus {
            ids = List.copyOf(ids);
        }
    }

    public IsolationSpec {
        capAdd = List.copyOf(capAdd);
        capDrop = List.copyOf(capDrop);
        devices = List.copyOf(devices);
        securityOpt = List.copyOf(securityOpt);
        sysctls = Collections.unmodifiableMap(new LinkedHashMap<>(sysctls));
        ulimits = Collections.unmodifiableMap(new LinkedHashMap<>(ulimits));
    }
}
