package io.dockworker.docker;

import java.nio.file.Path;

/**
 * What an engine says of itself.
 *
 * @param id            stable as long as its data directory is
 * @param name          the host's name by default
 * @param version       of the engine, such as {@code 20.10.24}
 * @param apiVersion    the one that is spoken with it, such as {@code 1.41}
 * @param cores         of its host
 * @param memoryBytes   of its host
 * @param dataDirectory on its host
 * @param cgroupDriver  {@code cgroupfs}, {@code systemd} or {@code none}
 * @param cgroupVersion {@code 1} or {@code 2}
 */
public record EngineInfo(String id, String name, String version, String apiVersion, int cores, long memoryBytes,
        Path dataDirectory, String cgroupDriver, String cgroupVersion) {}
