package io.dockworker.docker;

import com.github.dockerjava.api.command.InspectImageResponse;
import java.util.List;
import java.util.Map;

/** What an image runs on, as in {@code linux/arm64}. */
final class Platforms {
    /** Other names for the processors that images name. */
    private static final Map<String, String> ARCHITECTURES = Map.of("x86_64", "amd64", "aarch64", "arm64", "i386",
            "386",
            "armhf", "arm", "armel", "arm");

    private Platforms() {}

    /** False only where it is plain: the variants of a processor, of which one runs on another, the engine judges. */
    static boolean match(String wanted, InspectImageResponse image) {
        if (image.getOs() == null || image.getArch() == null) {
            return true;
        }
        List<String> parts = List.of(wanted.split("/", -1));
        String architecture = parts.get(parts.size() > 1 ? 1 : 0);
        boolean itsProcessor = ARCHITECTURES.getOrDefault(architecture, architecture).equals(image.getArch());
        // A word alone is either of the two.
        return parts.size() > 1
                ? parts.getFirst().equals(image.getOs()) && itsProcessor
                : wanted.equals(image.getOs()) || itsProcessor;
    }
}
