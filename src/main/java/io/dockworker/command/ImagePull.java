package io.dockworker.command;

import java.util.Optional;

/**
 * How an image is got.
 *
 * @param platform as in {@code linux/arm64}; empty: the engine's own
 * @param authRef  the name under which the host keeps the registry's login; empty: none, or the engine's
 */
public record ImagePull(PullPolicy policy, Optional<String> platform, Optional<String> authRef) {
    public static final ImagePull MISSING = of(PullPolicy.MISSING);

    public static ImagePull of(PullPolicy policy) {
        return new ImagePull(policy, Optional.empty(), Optional.empty());
    }
}
