package io.dockworker.command;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Where a container's output goes.
 *
 * @param driver empty: the engine's default
 */
public record Logging(Optional<String> driver, Map<String, String> options) {
    public Logging {
        options = Collections.unmodifiableMap(new LinkedHashMap<>(options));
    }
}
