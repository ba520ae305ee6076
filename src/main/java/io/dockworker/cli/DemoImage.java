package io.dockworker.cli;

import io.dockworker.command.ImageName;
import io.dockworker.command.ImagePull;
import io.dockworker.docker.DockerEngine;
import io.dockworker.docker.EngineAway;
import io.dockworker.docker.LocalImage;
import io.dockworker.execution.ContainerEngine.ImagePresence;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/** An image for the demo: the public one where a registry answers, else one made from this machine's own programs. */
final class DemoImage implements AutoCloseable {
    private static final ImageName PUBLIC = new ImageName("busybox:1.37");
    private static final ImageName LOCAL = new ImageName("dockworker-demo:1");
    /** Serves a page, and goes at once when it is told to. */
    private static final String SERVE = "trap 'exit 0' TERM; echo '<h1>It works.</h1>' > /index.html; "
            + "httpd -f -p 80 -h / & wait";

    private final DockerEngine engine;
    private final ImageName name;
    private final List<String> command;
    private final boolean ours;

    private DemoImage(DockerEngine engine, ImageName name, List<String> command, boolean ours) {
        this.engine = engine;
        this.name = name;
        this.command = command;
        this.ours = ours;
    }

    static DemoImage prepare(DockerEngine engine, Screen screen) throws IOException {
        try {
            screen.line("Docker", "engine " + engine.info().version() + ", API " + engine.info().apiVersion());
        } catch (EngineAway e) {
            throw new Exit.Because(Exit.UNAVAILABLE, "no Docker engine answers (" + e.getMessage()
                    + "); start one, or set DOCKER_HOST");
        }
        screen.line("Image", "asking the registry for " + PUBLIC + " …");
        if (engine.ensureImage(PUBLIC, ImagePull.MISSING,
                Duration.ofMinutes(10)) instanceof ImagePresence.Present(boolean pulled)) {
            screen.line("", PUBLIC + (pulled ? " pulled" : " is here already"));
            return new DemoImage(engine, PUBLIC, List.of("sh", "-c", SERVE), pulled);
        }
        LocalImage.build(engine, LOCAL);
        screen.line("", "no registry answers: made " + LOCAL + " from this machine's own programs");
        return new DemoImage(engine, LOCAL, List.of(), true);
    }

    ImageName name() {
        return name;
    }

    /** Empty: the image's own. */
    List<String> command() {
        return command;
    }

    @Override
    public void close() throws EngineAway {
        if (ours) {
            LocalImage.remove(engine, name);
        }
    }
}
