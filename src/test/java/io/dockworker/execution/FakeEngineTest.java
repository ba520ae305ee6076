package io.dockworker.execution;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.dockworker.command.ContainerStatus;
import io.dockworker.command.ImageName;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class FakeEngineTest extends ContainerEngineContract {
    private static final InstantSource CLOCK = InstantSource.fixed(Instant.parse("2026-01-01T00:00:00Z"));

    private final FakeEngine engine = new FakeEngine(1, CLOCK).withImage(image());

    @Override
    protected ContainerEngine engine() {
        return engine;
    }

    @Override
    protected ImageName image() {
        return new ImageName("fake/tools:1");
    }

    @Test
    void theSameSeedGivesTheSameIds() {
        var twin = new FakeEngine(1, CLOCK).withImage(image());
        EngineCall create = creation(spec(List.of("true")));

        assertEquals(engine.call(create, Duration.ofMinutes(5)), twin.call(create, Duration.ofMinutes(5)));
    }

    @Test
    void anEngineThatIsAwayKeepsItsContainersAndARestartEndsThem() {
        var id = created(spec(List.of("sleep", "600")));
        engine.call(new EngineCall.Start(id), Duration.ofMinutes(5));

        engine.setAway(Optional.of("unplugged"));
        assertInstanceOf(ContainerEngine.Inspection.Away.class, engine.inspect(id.value()));
        assertInstanceOf(ContainerEngine.Answer.NotSent.class,
                engine.call(new EngineCall.Remove(id, true, false), Duration.ofMinutes(5)));
        engine.setAway(Optional.empty());
        assertEquals(ContainerStatus.RUNNING, seen(id).status());

        engine.restart();
        assertEquals(ContainerStatus.EXITED, seen(id).status());
    }
}
