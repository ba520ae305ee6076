package io.dockworker.command;

/** The labels that Dockworker sets on every container it creates. A command may not set them itself. */
public final class Labels {
    /** The image as given. A container without this label is not ours to touch. */
    public static final String MANAGED_BY = "managed-by";
    /** What all other labels of ours start with. */
    public static final String PREFIX = "io.dockworker.";
    public static final String COMMAND_ID = PREFIX + "command-id";
    public static final String HOST = PREFIX + "host";
    public static final String SPEC_HASH = PREFIX + "spec-hash";
    /** The group that was scaled to this container; empty where it was made by itself. */
    public static final String GROUP = PREFIX + "group";

    private Labels() {}

    public static boolean isReserved(String label) {
        return label.equals(MANAGED_BY) || label.startsWith(PREFIX);
    }
}
