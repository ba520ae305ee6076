package io.dockworker.execution;

import io.dockworker.command.ContainerId;
import io.dockworker.command.ContainerStatus;
import io.dockworker.command.ImageName;
import java.time.Duration;
import java.time.Instant;

final class VerbsTest extends VerbContract {
    private Instant now = Instant.parse("2026-01-01T00:00:00Z");
    private final FakeEngine engine = new FakeEngine(1, this::now).withImage(image());

    @Override
    protected ContainerEngine engine() {
        return engine;
    }

    @Override
    protected ImageName image() {
        return new ImageName("fake/tools:1");
    }

    @Override
    protected Instant now() {
        return now;
    }

    @Override
    protected void pause(Duration time) {
        now = now.plus(time);
    }

    @Override
    protected void bring(ContainerId container, ContainerStatus state) {
        engine.force(container, state);
    }

    @Override
    protected boolean holdsRemovals() {
        return true;
    }

    @Override
    protected void release(ContainerId container) {
        engine.endRemoval(container);
    }

    @Override
    protected int parallelism() {
        return 1;
    }
}
