package io.dockworker.docker;

import com.fasterxml.jackson.databind.JsonNode;
import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.command.InspectContainerResponse;
import com.github.dockerjava.api.exception.BadRequestException;
import com.github.dockerjava.api.exception.DockerException;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.api.exception.NotModifiedException;
import com.github.dockerjava.api.model.Info;
import com.github.dockerjava.transport.DockerHttpClient.Request;
import io.dockworker.command.ContainerId;
import io.dockworker.command.ImageName;
import io.dockworker.command.ImagePull;
import io.dockworker.command.Labels;
import io.dockworker.command.PullProgress;
import io.dockworker.execution.ContainerEngine;
import io.dockworker.execution.EngineCall;
import io.dockworker.observation.EngineEvents;
import io.dockworker.observation.EngineView;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * A Docker Engine, API 1.41 (Docker 20.10) or newer. It need not be there yet, and may go and come back as another
 * version. All methods may be called from any number of threads; none of them limits how many calls run at once.
 */
public final class DockerEngine implements ContainerEngine, AutoCloseable {
    private static final Answer DONE = new Answer.Done(Optional.empty());

    private final EngineLink link;
    private final Deadlines deadlines;
    private final ImageStore images;
    private final SecretFiles secrets;
    private final MeterRegistry meters;

    DockerEngine(DockerConnection connection, Path secretDirectory, MeterRegistry meters, Deadlines deadlines) {
        this.meters = meters;
        this.secrets = new SecretFiles(secretDirectory);
        this.deadlines = deadlines;
        link = new EngineLink(connection);
        images = new ImageStore(link, secrets, deadlines);
    }

    /**
     * Does not ask the engine anything yet.
     *
     * @param secretDirectory has a file for each secret that commands refer to
     * @throws IllegalArgumentException if the TLS certificates cannot be read
     */
    public static DockerEngine connect(DockerConnection connection, Path secretDirectory, MeterRegistry meters) {
        return new DockerEngine(connection, secretDirectory, meters, Deadlines.STANDARD);
    }

    /** The same with secrets where containers of Docker and Compose have them. */
    public static DockerEngine connect(DockerConnection connection, MeterRegistry meters) {
        return connect(connection, Path.of("/run/secrets"), meters);
    }

    @Override
    public Inspection inspect(String nameOrId) {
        return timed("inspect", () -> look(nameOrId));
    }

    private Inspection look(String nameOrId) {
        try {
            return new Inspection.Seen(ask(client -> Snapshots.of(client.inspectContainerCmd(nameOrId).exec())));
        } catch (NotFoundException _) {
            return new Inspection.Absent();
        } catch (EngineAway e) {
            return new Inspection.Away(e.getMessage());
        }
    }

    /** As observation sees it. */
    public EngineView view() {
        return new DockerView(this, deadlines.quick());
    }

    /** All containers, running or not, that bear the {@code managed-by} label. */
    DockerView.Listing list() {
        return timed("list", () -> {
            try {
                return new DockerView.Listing.Containers(ask(client -> client.listContainersCmd().withShowAll(true)
                        .withLabelFilter(List.of(Labels.MANAGED_BY)).exec()).stream()
                        .map(container -> new ContainerId(container.getId())).collect(Collectors.toSet()));
            } catch (EngineAway e) {
                return new DockerView.Listing.Away(e.getMessage());
            }
        });
    }

    @Override
    public ImagePresence ensureImage(ImageName image, ImagePull pull, Duration atMost) {
        return timed("image", () -> images.ensure(image, pull, atMost));
    }

    /**
     * From now on the listener is told how pulls go on, for each image at most once a second.
     *
     * @param listener must return at once
     */
    public void onPullProgress(Consumer<PullProgress> listener) {
        images.reports().to(listener);
    }

    @Override
    public Answer call(EngineCall call, Duration atMost) {
        return timed(call.kind(), () -> act(call, atMost));
    }

    private Answer act(EngineCall call, Duration atMost) {
        var attempt = new Attempt();
        Duration own = call instanceof EngineCall.Stop stop && stop.gracePeriod().isEmpty()
                ? grace(stop).plus(deadlines.stopMargin())
                : deadlines.of(call);
        Duration limit = own.compareTo(atMost) < 0 ? own : atMost;
        try {
            return Patience.within(limit, () -> ScopedValue.where(Attempt.CURRENT, attempt).call(() -> send(call)));
        } catch (ExecutionException e) {
            return judge(attempt, e.getCause());
        } catch (TimeoutException _) {
            link.forgetSession();
            String reason = "no answer within " + limit.toMillis() + " ms";
            return attempt.abandon() ? new Answer.NotSent(reason) : new Answer.Unknown(reason);
        } catch (InterruptedException _) {
            attempt.abandon();
            Thread.currentThread().interrupt();
            return new Answer.Unknown("interrupted");
        }
    }

    /** How long the container may take that was made with a time of its own; docker-java does not know that field. */
    private Duration grace(EngineCall.Stop stop) {
        try {
            JsonNode seconds = link.ask(deadlines.quick(), () -> {
                try (var response = link.open(Request.Method.GET, "/containers/" + stop.id() + "/json", null, null)) {
                    return EngineLink.JSON.readTree(response.getBody()).at("/Config/StopTimeout");
                }
            });
            return seconds.isInt() ? Duration.ofSeconds(Math.max(seconds.asInt(), 0)) : Deadlines.DEFAULT_GRACE;
        } catch (EngineAway | NotFoundException _) {
            // The call itself will say so.
            return Deadlines.DEFAULT_GRACE;
        }
    }

    private Answer send(EngineCall call) throws Exception {
        DockerClient client = link.client();
        return switch (call) {
            case EngineCall.Create create ->
                new Answer.Done(Optional.of(new ContainerId(CreateRequest
                        .of(client, create, secrets.variables(create.spec().secretRefs())).exec().getId())));
            case EngineCall.Connect connect -> {
                client.connectToNetworkCmd().withNetworkId(connect.network()).withContainerId(connect.id().value())
                        .exec();
                yield DONE;
            }
            case EngineCall.Pause pause -> {
                client.pauseContainerCmd(pause.id().value()).exec();
                yield DONE;
            }
            case EngineCall.Unpause unpause -> {
                client.unpauseContainerCmd(unpause.id().value()).exec();
                yield DONE;
            }
            case EngineCall.Kill kill -> {
                client.killContainerCmd(kill.id().value()).withSignal(kill.signal()).exec();
                yield DONE;
            }
            case EngineCall.Rename rename -> {
                client.renameContainerCmd(rename.id().value()).withName(rename.name().value()).exec();
                yield DONE;
            }
            case EngineCall.Update update -> {
                Updates.send(client, update);
                yield DONE;
            }
            case EngineCall.Start start -> {
                client.startContainerCmd(start.id().value()).exec();
                yield DONE;
            }
            case EngineCall.Stop stop -> {
                Stopping.stop(link, stop);
                yield DONE;
            }
            case EngineCall.Remove remove -> {
                client.removeContainerCmd(remove.id().value()).withForce(remove.force())
                        .withRemoveVolumes(remove.volumes()).exec();
                yield DONE;
            }
        };
    }

    private Answer judge(Attempt attempt, Throwable failure) {
        return switch (failure) {
            case NotModifiedException _ -> DONE;
            case SecretFiles.Missing missing -> new Answer.Impossible(missing.failure());
            // An engine that was upgraded meanwhile refuses the API version that was agreed on, not the call.
            case BadRequestException e when link.hasChanged(deadlines.quick()) ->
                new Answer.Unknown("the engine is another version now: " + EngineLink.message(e));
            case DockerException e -> judge(e);
            default -> {
                link.forgetSession();
                String reason = link.explain(failure);
                yield attempt.abandon() ? new Answer.NotSent(reason) : new Answer.Unknown(reason);
            }
        };
    }

    private static Answer judge(DockerException answer) {
        String message = EngineLink.message(answer);
        int status = answer.getHttpStatus();
        if (status < 400 || status >= 500) {
            return new Answer.Unknown(status + ": " + message,
                    status >= 500 ? Optional.of(message) : Optional.empty());
        }
        return new Answer.Refused(switch (status) {
            case 404 -> Answer.Reason.NOT_FOUND;
            case 409 -> Answer.Reason.CONFLICT;
            default -> Answer.Reason.INVALID;
        }, message);
    }

    /**
     * Asks whether anyone is there.
     *
     * @throws EngineAway if the engine cannot be used; the message says why
     */
    public void ping() throws EngineAway {
        ask(client -> client.pingCmd().exec());
    }

    /**
     * Asks the engine about itself.
     *
     * @throws EngineAway if it gave no usable answer
     */
    public EngineInfo info() throws EngineAway {
        return ask(client -> {
            Info info = client.infoCmd().exec();
            return new EngineInfo(info.getId(), info.getName(), info.getServerVersion(),
                    link.session().version().getVersion(), info.getNCPU(), info.getMemTotal(),
                    Path.of(info.getDockerRootDir()), Objects.requireNonNullElse(info.getCGroupDriver(), "none"),
                    Objects.requireNonNullElse(info.getCGroupVersion(), "1"));
        });
    }

    /**
     * Whether a directory is seen by this process alone, for it runs in a container and the directory is not mounted from
     * the engine's host. A directory that does not exist yet is judged by its nearest parent.
     *
     * @throws EngineAway            if the engine gave no usable answer
     * @throws IllegalStateException if the engine is not reached by a socket
     */
    public boolean isOwnContainersAlone(Path directory) throws IOException {
        MountTable mounts = MountTable.ofThisProcess();
        Optional<InspectContainerResponse> self = Optional.empty();
        if (mounts.container().isPresent()) {
            try {
                String id = mounts.container().get();
                self = Optional.of(ask(client -> client.inspectContainerCmd(id).exec()));
            } catch (NotFoundException _) {
                // Of another engine, or of none.
            }
        }
        Path there = directory.toAbsolutePath();
        while (!Files.exists(there)) {
            there = there.getParent();
        }
        return new OwnContainer(mounts, self, link.socket().toRealPath()).hasAlone(there.toRealPath());
    }

    /** What the engine tells of its managed containers as it happens. */
    public EngineEvents events() {
        return new EventStream(link, EventStream.SILENCE);
    }

    EngineLink link() {
        return link;
    }

    Deadlines deadlines() {
        return deadlines;
    }

    /** @throws NotFoundException if the engine says so */
    private <T> T ask(Function<DockerClient, T> question) throws EngineAway {
        return link.ask(deadlines.quick(), () -> question.apply(link.client()));
    }

    private <T> T timed(String call, Supplier<T> work) {
        long begin = System.nanoTime();
        T end = work.get();
        Timer.builder("dockworker.engine.call.duration").description("Calls to the container engine, by how they ended")
                .tag("call", call).tag("outcome", outcome(end)).register(meters)
                .record(System.nanoTime() - begin, TimeUnit.NANOSECONDS);
        return end;
    }

    /** The name of the kind of end: {@code done}, {@code not_sent}, {@code away}, … */
    private static String outcome(Object end) {
        return end.getClass().getSimpleName().replaceAll("(?<=[a-z])(?=[A-Z])", "_").toLowerCase(Locale.ROOT);
    }

    /** Cuts off what is under way: such calls end as {@code Unknown}, or {@code Away}. */
    @Override
    public void close() {
        link.close();
    }
}
