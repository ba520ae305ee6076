package io.dockworker.docker;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.github.dockerjava.api.model.LogConfig;

/** With any driver. docker-java's own knows those of Docker alone, and leaves out a plugin without a word. */
final class AnyLogConfig extends LogConfig {
    private static final long serialVersionUID = 1;

    private final String driver;

    AnyLogConfig(String driver) {
        this.driver = driver;
    }

    @JsonProperty("Type")
    String driver() {
        return driver;
    }
}
