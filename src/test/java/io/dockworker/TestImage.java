package io.dockworker;

import io.dockworker.command.ImageName;
import io.dockworker.docker.DockerConnection;
import io.dockworker.docker.DockerEngine;
import io.dockworker.docker.LocalImage;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.List;
import java.util.stream.Stream;

/** A test's own image on the real engine, which goes at the end with all containers that a worker made of it. */
final class TestImage implements AutoCloseable {
    private final DockerEngine engine = DockerEngine.connect(DockerConnection.LOCAL, new SimpleMeterRegistry());
    private final ImageName name;

    TestImage(String name) throws IOException {
        this.name = new ImageName(name);
        LocalImage.build(engine, this.name);
    }

    @Override
    public void close() throws IOException {
        try {
            List<String> ids = Upstream.docker("ps", "-aq", "--filter", "label=managed-by=" + name).lines().toList();
            if (!ids.isEmpty()) {
                // All at once: the engine removes them side by side.
                Upstream.docker(Stream.concat(Stream.of("rm", "-f"), ids.stream()).toArray(String[]::new));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException(e.toString());
        }
        LocalImage.remove(engine, name);
        engine.close();
    }
}
