package io.dockworker.docker;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.github.dockerjava.api.model.PullResponseItem;
import io.dockworker.command.ImageName;
import io.dockworker.command.PullProgress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is told of pulls, from the engine's own lines. */
final class PullReportsTest {
    private static final ImageName IMAGE = new ImageName("nginx");
    private final List<PullProgress> told = new ArrayList<>();
    private final Deque<Runnable> aSecondLater = new ArrayDeque<>();

    @Test
    void layersAndBytesAddUpAndAnImageIsToldOfOnceASecond() throws JsonProcessingException {
        var reports = new PullReports(aSecondLater::add);
        reports.to(told::add);
        PullReports.OfPull first = reports.of(IMAGE);
        add(first, "{\"status\":\"Pulling from library/nginx\",\"id\":\"latest\"}");
        add(first, "{\"status\":\"Already exists\",\"id\":\"aaa\"}");
        add(first, "{\"status\":\"Downloading\",\"id\":\"bbb\",\"progressDetail\":{\"current\":10,\"total\":100}}");
        add(first, "{\"status\":\"Downloading\",\"id\":\"bbb\",\"progressDetail\":{\"current\":40,\"total\":100}}");
        assertEquals(List.of(new PullProgress(IMAGE, 1, 1, 0, 0)), told);
        aSecondLater.remove().run();
        assertEquals(new PullProgress(IMAGE, 1, 2, 40, 100), told.getLast(), "it may be silent from now on");

        add(reports.of(IMAGE), "{\"status\":\"Pulling fs layer\",\"id\":\"bbb\"}");
        assertEquals(2, told.size(), "another pull of the same image");
        aSecondLater.remove().run();
        assertEquals(new PullProgress(IMAGE, 0, 1, 0, 0), told.getLast());
        aSecondLater.remove().run();
        assertEquals(3, told.size());

        add(first, "{\"status\":\"Pull complete\",\"id\":\"bbb\"}");
        assertEquals(new PullProgress(IMAGE, 2, 2, 100, 100), told.getLast());
        assertEquals(1, aSecondLater.size());
    }

    private static void add(PullReports.OfPull pull, String line) throws JsonProcessingException {
        pull.add(EngineLink.JSON.readValue(line, PullResponseItem.class));
    }
}
