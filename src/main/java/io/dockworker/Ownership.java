package io.dockworker;

import io.dockworker.command.HostId;
import io.dockworker.docker.DockerEngine;
import io.dockworker.docker.EngineInfo;
import io.dockworker.fleet.EngineLock;
import io.dockworker.journal.Fence;
import io.dockworker.journal.Hosts;
import io.dockworker.settings.Settings;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** An engine that is one worker's own: by a lock, where it can be locked, and by the database. */
final class Ownership implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Ownership.class);

    private final Hosts hosts;
    private final Fence fence;
    private final Optional<EngineLock> lock;
    private boolean released;

    private Ownership(Hosts hosts, Fence fence, Optional<EngineLock> lock) {
        this.hosts = hosts;
        this.fence = fence;
        this.lock = lock;
    }

    /**
     * Takes the engine and its host.
     *
     * @param takeOver an engine that cannot be locked is taken from a worker that did not say that it ends
     * @throws Worker.Refused if another worker owns one of them
     */
    static Ownership take(Settings settings, boolean takeOver, DockerEngine engine, EngineInfo info, Hosts hosts,
            Waiting waiting) throws Worker.Refused, InterruptedException {
        Optional<EngineLock> lock = lock(settings, engine, info.id(), EngineLock.Purpose.WORK,
                since -> hosts.ofEngine(info.id()).filter(row -> row.isLostSince(since)).isPresent(), waiting);
        if (lock.isEmpty()) {
            LOG.warn("{} cannot be locked: nothing but the database keeps a second worker from acting on it",
                    settings.docker().host());
        }
        Hosts.Right without = takeOver ? Hosts.Right.TAKE_OVER : Hosts.Right.NONE;
        Hosts.Right right = lock.isPresent() ? Hosts.Right.LOCK : without;
        try {
            return switch (waiting.until("postgres", () -> hosts.claim(host(settings, info), info.id(),
                    settings.host().heartbeat(), right))) {
                case Hosts.Claim.Owned(Fence fence) -> new Ownership(hosts, fence, lock);
                case Hosts.Claim.Refused(String message) -> throw new Worker.Refused(message);
            };
        } catch (Worker.Refused | InterruptedException | RuntimeException e) {
            lock.ifPresent(Ownership::free);
            throw e;
        }
    }

    static HostId host(Settings settings, EngineInfo info) {
        return settings.host().id().orElseGet(() -> new HostId(info.name()));
    }

    /**
     * Locks out other processes of this machine.
     *
     * <p>The parameters are those of {@link EngineLock#take}.
     *
     * @return empty where the engine may be on another machine
     */
    static Optional<EngineLock> lock(Settings settings, DockerEngine engine, String engineId,
            EngineLock.Purpose purpose,
            Predicate<Instant> holderIsLost, Waiting waiting) throws Worker.Refused, InterruptedException {
        if (!settings.docker().isSocket()) {
            return Optional.empty();
        }
        Path directory = settings.host().lockDirectory();
        try {
            if (waiting.until("docker", () -> isAlone(engine, directory))) {
                throw new Worker.Refused("LOCK_DIR " + directory + " is inside this container, where no other worker "
                        + "sees it; mount a directory of the host there, as in -v /var/lib/dockworker:" + directory);
            }
            return Optional.of(EngineLock.take(directory, engineId, purpose, holderIsLost));
        } catch (IOException e) {
            throw new Worker.Refused("LOCK_DIR " + directory + " cannot be used: " + e);
        } catch (EngineLock.Refused e) {
            throw new Worker.Refused(e.getMessage());
        }
    }

    private static boolean isAlone(DockerEngine engine, Path directory) {
        try {
            return engine.isOwnContainersAlone(directory);
        } catch (IOException e) {
            throw new IllegalStateException(e.getMessage(), e);
        }
    }

    Fence fence() {
        return fence;
    }

    /**
     * Says that this worker acts on the engine no more; the lock stays with it. Tried once: a database that is away must
     * not hold up the end.
     */
    void release() {
        if (!released) {
            released = true;
            hosts.release(fence);
        }
    }

    @Override
    public void close() {
        try {
            release();
        } finally {
            lock.ifPresent(Ownership::free);
        }
    }

    private static void free(EngineLock lock) {
        try {
            lock.close();
        } catch (IOException e) {
            LOG.warn("a lock could not be given back before the end of this process", e);
        }
    }
}
