package io.dockworker.docker;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.exception.BadRequestException;
import com.github.dockerjava.api.exception.ConflictException;
import com.github.dockerjava.api.exception.DockerException;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.api.exception.NotModifiedException;
import com.github.dockerjava.api.model.AuthConfig;
import com.github.dockerjava.core.DefaultDockerClientConfig;
import com.github.dockerjava.core.DockerClientConfig;
import com.github.dockerjava.core.DockerClientImpl;
import com.github.dockerjava.core.RemoteApiVersion;
import com.github.dockerjava.transport.DockerHttpClient.Request;
import com.github.dockerjava.transport.DockerHttpClient.Response;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;

/**
 * The way to one engine, which may be away, come back, and be another version then: agrees on the API version when
 * first used, and again after any trouble.
 */
final class EngineLink implements AutoCloseable {
    static final ObjectMapper JSON = DockerClientConfig.getDefaultObjectMapper();
    private static final RemoteApiVersion OLDEST_USABLE = RemoteApiVersion.VERSION_1_41;
    private static final RemoteApiVersion NEWEST_TESTED = RemoteApiVersion.VERSION_1_44;

    private final DockerConnection connection;
    private final EngineHttp http;
    private volatile Session session;

    /** What was agreed. */
    record Session(RemoteApiVersion version, DockerClientConfig config, DockerClient client) {}

    EngineLink(DockerConnection connection) {
        this.connection = connection;
        http = new EngineHttp(connection);
    }

    /** @throws UncheckedIOException if the engine cannot be reached, or is too old to be used */
    Session session() {
        Session agreed = session;
        if (agreed == null) {
            // The ping is no part of the attempt that waits for it: it may be lost without any doubt about the call.
            agreed = ScopedValue.where(Attempt.CURRENT, new Attempt()).call(this::agree);
            session = agreed;
        }
        return agreed;
    }

    /** @throws IllegalStateException if it is reached over TCP */
    Path socket() {
        if (!connection.isSocket()) {
            throw new IllegalStateException(connection + " is no socket");
        }
        return Path.of(connection.host().getPath());
    }

    DockerClient client() {
        return session().client();
    }

    /** The connection failed, so the engine behind it may have changed. */
    void forgetSession() {
        session = null;
    }

    /** Agrees anew, and tells whether the API version differs from before. */
    boolean hasChanged(Duration limit) {
        Session before = session;
        forgetSession();
        try {
            return before == null || !ask(limit, this::session).version().equals(before.version());
        } catch (EngineAway _) {
            return true;
        }
    }

    /**
     * Reads something under a deadline.
     *
     * @throws NotFoundException if the engine says so
     * @throws EngineAway        if it gave no usable answer otherwise
     */
    <T> T ask(Duration limit, Callable<T> question) throws EngineAway {
        try {
            return Patience.within(limit, question);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof NotFoundException absent) {
                throw absent;
            }
            forgetSession();
            throw new EngineAway(explain(e.getCause()));
        } catch (TimeoutException _) {
            forgetSession();
            throw new EngineAway(connection + " gave no answer within " + limit.toMillis() + " ms");
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            throw new EngineAway("interrupted");
        }
    }

    private Session agree() {
        try (Response pong = http.execute(Request.builder().method(Request.Method.GET).path("/_ping").build())) {
            String offered = pong.getHeader("Api-Version");
            if (pong.getStatusCode() != 200 || offered == null) {
                throw unusable("answered " + pong.getStatusCode() + " to a ping, which no working engine does");
            }
            RemoteApiVersion engine = RemoteApiVersion.parseConfig(offered);
            if (!engine.isGreaterOrEqual(OLDEST_USABLE)) {
                throw unusable("speaks API " + offered + "; needed is " + OLDEST_USABLE.getVersion()
                        + " (Docker 20.10) or newer");
            }
            RemoteApiVersion version = engine.isGreater(NEWEST_TESTED) ? NEWEST_TESTED : engine;
            DockerClientConfig config = DefaultDockerClientConfig.createDefaultConfigBuilder()
                    .withDockerHost(connection.toString()).withDockerTlsVerify(false).withApiVersion(version).build();
            return new Session(version, config, DockerClientImpl.getInstance(config, http));
        }
    }

    private UncheckedIOException unusable(String why) {
        return new UncheckedIOException(new EngineAway(connection + " " + why));
    }

    /**
     * Sends what docker-java has no command for.
     *
     * @param path after the version, beginning with a slash
     * @param body may be null
     * @return a response with a status below 300, to be closed
     * @throws DockerException      if the engine answered with another status, of the type that docker-java throws
     * @throws UncheckedIOException if it gave no answer
     */
    Response open(Request.Method method, String path, InputStream body, AuthConfig login) {
        var request = Request.builder().method(method).path("/" + session().version().asWebPathPart() + path);
        if (body != null) {
            request.body(body).putHeader("content-type", "application/x-tar");
        }
        if (login != null) {
            request.putHeader("X-Registry-Auth", encode(login));
        }
        Response response = http.execute(request.build());
        if (response.getStatusCode() < 300) {
            return response;
        }
        try (response) {
            String text = new String(response.getBody().readAllBytes(), StandardCharsets.UTF_8);
            throw switch (response.getStatusCode()) {
                case 304 -> new NotModifiedException(text);
                case 400 -> new BadRequestException(text);
                case 404 -> new NotFoundException(text);
                case 409 -> new ConflictException(text);
                default -> new DockerException(text, response.getStatusCode());
            };
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String encode(AuthConfig login) {
        try {
            return Base64.getUrlEncoder().encodeToString(JSON.writeValueAsBytes(login));
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Why there was no usable answer, for people. */
    String explain(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        String what = root.getMessage() == null ? root.getClass().getSimpleName() : root.getMessage();
        return switch (root) {
            case EngineAway _ -> what;
            case DockerException answer -> connection + ": " + message(answer);
            case SocketException _ -> "no connection to " + connection + ": " + what;
            default -> connection + ": " + what;
        };
    }

    /** The engine's own words. */
    static String message(DockerException answer) {
        String text = answer.getMessage();
        int json = text.indexOf('{');
        if (json >= 0) {
            try {
                return JSON.readTree(text.substring(json)).path("message").asText(text).strip();
            } catch (JsonProcessingException _) {
                // Not every answer comes from the engine itself; a proxy's is shown as it is.
            }
        }
        return text.strip();
    }

    @Override
    public void close() {
        http.close();
    }
}
