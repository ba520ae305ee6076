package io.dockworker.wire;

import io.dockworker.command.ContainerSpec;

/** Names a specification by its content, for the label {@code io.dockworker.spec-hash}. */
public final class SpecHash {
    private SpecHash() {}

    /** 64 hexadecimal digits; equal for equal specifications, in whatever order they were written. */
    public static String of(ContainerSpec spec) {
        return ContentHash.of(CommandTree.canonical(SpecTree.of(spec))).hex();
    }
}
