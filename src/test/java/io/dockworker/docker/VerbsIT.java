package io.dockworker.docker;

import static org.awaitility.Awaitility.await;

import com.github.dockerjava.transport.DockerHttpClient.Request;
import io.dockworker.TestImages;
import io.dockworker.command.ContainerId;
import io.dockworker.command.ContainerSnapshot;
import io.dockworker.command.ContainerStatus;
import io.dockworker.command.ImageName;
import io.dockworker.execution.ContainerEngine;
import io.dockworker.execution.EngineCall;
import io.dockworker.execution.VerbContract;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

final class VerbsIT extends VerbContract {
    private static final ImageName IMAGE = new ImageName("dockertest-verbs:1");
    private static final DockerEngine ENGINE = DockerEngine.connect(DockerConnection.LOCAL, new SimpleMeterRegistry());
    private static final Duration LIMIT = Duration.ofMinutes(1);

    @BeforeAll
    static void buildImage() throws IOException {
        LocalImage.build(ENGINE, IMAGE);
    }

    @AfterAll
    static void removeImage() throws IOException {
        LocalImage.remove(ENGINE, IMAGE);
        ENGINE.close();
    }

    @Override
    protected ContainerEngine engine() {
        return ENGINE;
    }

    @Override
    protected ImageName image() {
        return IMAGE;
    }

    @Override
    protected Instant now() {
        return Instant.now();
    }

    @Override
    protected void pause(Duration time) throws InterruptedException {
        Thread.sleep(time);
    }

    @Override
    protected int parallelism() {
        // Those that are to restart again and again mostly wait.
        return 16;
    }

    /** It is over in a moment, and nothing keeps the engine in it: not even a frozen process, which runc thaws. */
    @Override
    protected boolean holdsRemovals() {
        return false;
    }

    @Override
    protected void bring(ContainerId id, ContainerStatus state) throws Exception {
        if (state != ContainerStatus.CREATED) {
            ENGINE.call(new EngineCall.Start(id), LIMIT);
        }
        switch (state) {
            case RUNNING, CREATED -> {
            }
            case PAUSED -> ENGINE.call(new EngineCall.Pause(id), LIMIT);
            case EXITED -> ENGINE.call(new EngineCall.Kill(id, "SIGKILL"), LIMIT);
            // The pause before the next start doubles each time; one is needed that lasts.
            case RESTARTING -> await().atMost(LIMIT)
                    .until(() -> seen(id).state().restartCount() >= 6 && seen(id).status() == state);
            case REMOVING -> throw new IllegalArgumentException(id + " would not stay " + state);
            case DEAD -> failToRemove(id);
        }
        await().atMost(LIMIT).until(() -> seen(id).status() == state);
    }

    /** A file that cannot be deleted makes the removal fail half-way. */
    private static void failToRemove(ContainerId id) throws Exception {
        String layer;
        try (var response = ENGINE.link().open(Request.Method.GET, "/containers/" + id + "/json", null, null)) {
            layer = EngineLink.JSON.readTree(response.getBody()).at("/GraphDriver/Data/UpperDir").asText();
        }
        Path file = Path.of(layer, "kept");
        Files.writeString(file, "");
        attribute("+i", file);
        try {
            ENGINE.call(new EngineCall.Remove(id, true, true), LIMIT);
        } finally {
            attribute("-i", file);
        }
    }

    private static void attribute(String change, Path file) throws Exception {
        TestImages.run(null, 0, "chattr", change, file.toString());
    }

    private static ContainerSnapshot seen(ContainerId id) {
        return ((ContainerEngine.Inspection.Seen) ENGINE.inspect(id.value())).container();
    }
}
