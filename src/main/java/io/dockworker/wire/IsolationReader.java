package io.dockworker.wire;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dockworker.command.InvalidValue;
import io.dockworker.command.IsolationSpec;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** Reads how far a container is shut off from its host. */
final class IsolationReader {
    /** capabilities(7), and Docker's word for all of them. */
    private static final Set<String> CAPABILITIES = Set.of("ALL", "AUDIT_CONTROL", "AUDIT_READ", "AUDIT_WRITE",
            "BLOCK_SUSPEND", "BPF", "CHECKPOINT_RESTORE", "CHOWN", "DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER",
            "FSETID", "IPC_LOCK", "IPC_OWNER", "KILL", "LEASE", "LINUX_IMMUTABLE", "MAC_ADMIN", "MAC_OVERRIDE", "MKNOD",
            "NET_ADMIN", "NET_BIND_SERVICE", "NET_BROADCAST", "NET_RAW", "PERFMON", "SETFCAP", "SETGID", "SETPCAP",
            "SETUID", "SYS_ADMIN", "SYS_BOOT", "SYS_CHROOT", "SYSLOG", "SYS_MODULE", "SYS_NICE", "SYS_PACCT",
            "SYS_PTRACE", "SYS_RAWIO", "SYS_RESOURCE", "SYS_TIME", "SYS_TTY_CONFIG", "WAKE_ALARM");
    /** Looks for a repetition no further than permissions reach: to the end, long text would take it minutes. */
    private static final Pattern DEVICE = Pattern
            .compile("(?<host>/[^:]+)(?::(?<inside>/[^:]+))?(?::(?<permissions>(?!.?(.).?\\4)[rwm]{1,3}))?");
    private static final Pattern PID = Pattern.compile("host|container:[a-zA-Z0-9][a-zA-Z0-9_.-]{0,127}");
    /**
     * Those that have a namespace of their own; the engine refuses the others. The parts of a name are never given back,
     * for which the matcher would keep each of them on the stack.
     */
    private static final Pattern SYSCTL = Pattern.compile("net(?:\\.[A-Za-z0-9_/-]+)++|fs\\.mqueue\\.[a-z_]+"
            + "|kernel\\.(?:msgmax|msgmnb|msgmni|sem|shmall|shmmax|shmmni|shm_rmid_forced)");
    /** setrlimit(2), in Docker's words. */
    private static final List<String> LIMITS = List.of("core", "cpu", "data", "fsize", "locks", "memlock", "msgqueue",
            "nice", "nofile", "nproc", "rss", "rtprio", "rttime", "sigpending", "stack");
    private static final Pattern SECURITY_OPT = Pattern.compile("no-new-privileges(?:=(?:true|false))?"
            + "|(?:apparmor|label)=.+|seccomp=(?:unconfined|builtin|\\{.*\\})");
    private static final int MAX_GPUS = 1_024;

    private IsolationReader() {}

    static IsolationSpec read(Fields fields) {
        return new IsolationSpec(capabilities(fields, "cap_add"), capabilities(fields, "cap_drop"),
                fields.flag("privileged", false), fields.text("pid", IsolationReader::pid),
                NetworkReader.oneOrMore(fields, "devices", IsolationReader::checkDevice).stream()
                        .map(IsolationReader::device).toList(),
                NetworkReader.oneOrMore(fields, "security_opt", IsolationReader::securityOpt), sysctls(fields),
                ulimits(fields), gpus(fields));
    }

    /** A set, which is written in any order. */
    private static List<String> capabilities(Fields fields, String name) {
        return NetworkReader.oneOrMore(fields, name, IsolationReader::capability).stream().distinct().sorted().toList();
    }

    /** The colon of Compose is the engine's older sign: what has no other, it splits there. */
    private static String securityOpt(String text) {
        String option = text.contains("=") ? text : text.replaceFirst(":", "=");
        if (!SECURITY_OPT.matcher(option).matches() || Text.hasControls(option)) {
            throw new InvalidValue("write \"no-new-privileges\", \"apparmor=profile\", \"label=disable\", "
                    + "\"seccomp=unconfined\" or \"seccomp={…}\" with the profile itself, not its file; "
                    + "a colon for the = is understood, too");
        }
        return option;
    }

    private static String capability(String text) {
        String upper = text.toUpperCase(Locale.ROOT);
        String name = upper.startsWith("CAP_") ? upper.substring(4) : upper;
        if (!CAPABILITIES.contains(name)) {
            throw new InvalidValue("write a capability of Linux, as in \"NET_ADMIN\", or \"ALL\"");
        }
        return name;
    }

    private static String pid(String text) {
        if (!PID.matcher(text).matches()) {
            throw new InvalidValue("write \"host\" or \"container:name\"");
        }
        return text;
    }

    private static String checkDevice(String text) {
        if (!DEVICE.matcher(text).matches() || Text.hasControls(text)) {
            throw new InvalidValue("write a device as \"/dev/ttyUSB0\" or \"/dev/sda:/dev/xvda:rwm\"");
        }
        return text;
    }

    private static IsolationSpec.Device device(String text) {
        var parts = DEVICE.matcher(text);
        parts.matches();
        String host = parts.group("host");
        return new IsolationSpec.Device(host, Optional.ofNullable(parts.group("inside")).orElse(host),
                Optional.ofNullable(parts.group("permissions")).orElse("rwm"));
    }

    private static Map<String, String> sysctls(Fields fields) {
        boolean hostNetwork = fields.find("network_mode").filter(mode -> mode.asText().equals("host")).isPresent();
        return fields.dictionary("sysctls", name -> {
            if (!SYSCTL.matcher(name).matches()) {
                throw new InvalidValue("a container has settings of its own only under net., fs.mqueue. and the "
                        + "kernel's of IPC, as in \"net.core.somaxconn\"");
            }
            if (hostNetwork && name.startsWith("net.")) {
                throw new InvalidValue("in network mode `host` this would be the host's own setting: leave it out");
            }
        });
    }

    /** As Compose: a number for both limits, or {@code {"soft": 1, "hard": 2}}. */
    private static Map<String, IsolationSpec.Ulimit> ulimits(Fields fields) {
        Map<String, IsolationSpec.Ulimit> limits = new LinkedHashMap<>();
        fields.within("ulimits", "{\"nofile\": 1024}").ifPresent(inner -> {
            for (String name : inner.names()) {
                if (!LIMITS.contains(name)) {
                    throw new InvalidField(inner.at(name),
                            "write the name of a limit: " + String.join(", ", LIMITS));
                }
                limits.put(name, ulimit(inner, name));
            }
        });
        return limits;
    }

    private static IsolationSpec.Ulimit ulimit(Fields ulimits, String name) {
        JsonNode value = ulimits.find(name).orElseThrow();
        if (!(value instanceof ObjectNode object)) {
            long both = Fields.integer(ulimits.at(name), value, -1, Long.MAX_VALUE);
            return new IsolationSpec.Ulimit(both, both);
        }
        var inner = new Fields(ulimits.at(name), object);
        FieldNames.check(FieldNames.ULIMIT, inner);
        long soft = inner.integer("soft", -1, Long.MAX_VALUE)
                .orElseThrow(() -> new InvalidField(inner.at("soft"), "give both, `soft` and `hard`"));
        long hard = inner.integer("hard", -1, Long.MAX_VALUE)
                .orElseThrow(() -> new InvalidField(inner.at("hard"), "give both, `soft` and `hard`"));
        return Fields.valid(ulimits.at(name), () -> new IsolationSpec.Ulimit(soft, hard));
    }

    private static Optional<IsolationSpec.Gpus> gpus(Fields fields) {
        return fields.find("gpus").map(value -> {
            if (value.isArray()) {
                List<String> ids = fields.texts("gpus");
                if (ids.isEmpty()) {
                    throw new InvalidField("/gpus", "name at least one, or leave the field out");
                }
                return new IsolationSpec.Gpus(0, ids);
            }
            if (value.isTextual() && value.textValue().equals("all")) {
                return new IsolationSpec.Gpus(-1, List.of());
            }
            if (!value.isNumber()) {
                throw new InvalidField("/gpus", "write how many, \"all\", or a list of ids, not " + Fields.kind(value));
            }
            return new IsolationSpec.Gpus((int) Fields.integer("/gpus", value, 1, MAX_GPUS), List.of());
        });
    }
}
