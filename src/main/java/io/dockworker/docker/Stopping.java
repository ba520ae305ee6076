package io.dockworker.docker;

import com.github.dockerjava.api.exception.ConflictException;
import com.github.dockerjava.core.RemoteApiVersion;
import com.github.dockerjava.transport.DockerHttpClient.Request;
import com.github.dockerjava.transport.DockerHttpClient.Response;
import io.dockworker.execution.EngineCall;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;

/**
 * Stops a container, with a signal of choice too. docker-java's own command would put ten seconds where no grace period
 * is given, whatever the container says of itself, and knows no signal, as engines before API 1.42 do not.
 */
final class Stopping {
    private Stopping() {}

    static void stop(EngineLink link, EngineCall.Stop stop) throws Exception {
        String container = "/containers/" + stop.id();
        String grace = stop.gracePeriod().map(some -> "t=" + seconds(some)).orElse("");
        if (stop.signal().isEmpty()) {
            post(link, container + "/stop?" + grace);
            return;
        }
        String signal = "signal=" + URLEncoder.encode(stop.signal().get(), StandardCharsets.UTF_8);
        if (link.session().version().isGreaterOrEqual(RemoteApiVersion.VERSION_1_42)) {
            post(link, container + "/stop?" + signal + "&" + grace);
            return;
        }
        try {
            post(link, container + "/kill?" + signal);
            Patience.within(stop.gracePeriod().orElse(Deadlines.DEFAULT_GRACE), () -> {
                post(link, container + "/wait?condition=not-running");
                return null;
            });
        } catch (ConflictException | TimeoutException _) {
            // Not running: nothing to signal. Still running: its time is up. The stop below is right for both.
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException answer ? answer : e;
        }
        // Also after an end in time: only a stop keeps a restart policy from starting it again.
        post(link, container + "/stop?t=0");
    }

    private static void post(EngineLink link, String path) throws IOException {
        try (Response response = link.open(Request.Method.POST, path, null, null)) {
            // A wait answers its headers at once and its body at the end.
            response.getBody().readAllBytes();
        }
    }

    /** The engine knows whole seconds only: never less than asked for. */
    private static int seconds(Duration grace) {
        return Math.clamp(grace.plusNanos(999_999_999).toSeconds(), 0, Integer.MAX_VALUE);
    }
}
