package io.dockworker.command;

import java.util.List;
import java.util.Locale;

/**
 * What a container may write to, and where.
 *
 * @param tmpfs    each a path, or {@code path:options} as {@code docker run --tmpfs} takes them
 * @param readOnly its own file system cannot be written
 */
public record StorageSpec(List<Volume> volumes, List<String> tmpfs, boolean readOnly) {
    public static final StorageSpec NONE = new StorageSpec(List.of(), List.of(), false);

    /**
     * A named volume or a directory of the host.
     *
     * @param source the volume's name (empty: an anonymous one), or an absolute path of the host
     * @param target an absolute path in the container
     */
    public record Volume(Type type, String source, String target, boolean readOnly) {
        /** Where the data lie. */
        public enum Type {
            VOLUME, BIND;

            @Override
            public String toString() {
                return name().toLowerCase(Locale.ROOT);
            }
        }

        public Volume {
            if (!target.startsWith("/") || target.equals("/")) {
                throw new InvalidValue("a target is an absolute path in the container, and not / itself");
            }
            if (type == Type.BIND && !source.startsWith("/")) {
                throw new InvalidValue("the source of a bind is an absolute path of the host");
            }
            if (type == Type.VOLUME && !source.matches("|[a-zA-Z0-9][a-zA-Z0-9_.-]{1,254}")) {
                throw new InvalidValue("the source of a volume is its name, of two or more letters, digits, _ . or -; "
                        + "for a directory of the host write \"type\": \"bind\"");
            }
        }

        /** True where both have the same data, and one of them may write. An anonymous volume is each one's own. */
        boolean clashes(Volume other) {
            return type == other.type && source.equals(other.source) && !source.isEmpty()
                    && !(readOnly && other.readOnly);
        }
    }

    public StorageSpec {
        volumes = List.copyOf(volumes);
        tmpfs = List.copyOf(tmpfs);
    }

    boolean clashes(StorageSpec other) {
        return volumes.stream().anyMatch(volume -> other.volumes.stream().anyMatch(volume::clashes));
    }
}
