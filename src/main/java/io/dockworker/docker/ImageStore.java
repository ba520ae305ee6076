package io.dockworker.docker;

import com.fasterxml.jackson.databind.MappingIterator;
import com.github.dockerjava.api.command.InspectImageResponse;
import com.github.dockerjava.api.exception.DockerException;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.api.model.AuthConfig;
import com.github.dockerjava.api.model.PullResponseItem;
import com.github.dockerjava.transport.DockerHttpClient.Request;
import com.github.dockerjava.transport.DockerHttpClient.Response;
import io.dockworker.command.ErrorCode;
import io.dockworker.command.Failure;
import io.dockworker.command.ImageName;
import io.dockworker.command.ImagePull;
import io.dockworker.execution.ContainerEngine.ImagePresence;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;

/** Makes images present. All who wait for one image wait for one pull. */
final class ImageStore {
    private static final String DOCKER_HUB = "docker.io/";
    /** A pull that got the image for another platform than was asked for ends well, with a warning of these words. */
    private static final String OTHER_PLATFORM = "does not match the specified platform";

    private final EngineLink link;
    private final SecretFiles secrets;
    private final Deadlines deadlines;
    private final PullReports reports = new PullReports();
    private final ConcurrentHashMap<Pull, Future<ImagePresence>> pulls = new ConcurrentHashMap<>();

    /** What two who wait have to agree in to share a pull. */
    private record Pull(String image, Optional<String> platform, Optional<String> authRef) {}

    ImageStore(EngineLink link, SecretFiles secrets, Deadlines deadlines) {
        this.link = link;
        this.secrets = secrets;
        this.deadlines = deadlines;
    }

    PullReports reports() {
        return reports;
    }

    ImagePresence ensure(ImageName image, ImagePull how, Duration atMost) {
        return switch (how.policy()) {
            case MISSING -> look(image, how.platform(), false).orElseGet(() -> shared(image, how, atMost));
            case ALWAYS -> shared(image, how, atMost);
            // One for another platform the engine itself refuses to make a container of, and says which it is for.
            case NEVER -> look(image, Optional.empty(), false).orElseGet(() -> new ImagePresence.Missing(Failure.of(
                    ErrorCode.IMAGE_NOT_FOUND, "the image " + image + " is not on this host, and pull_policy is never:"
                            + " pull it there first (docker pull " + image + "), or allow pulling")));
        };
    }

    /** @return empty if the image is not there, or for another platform than is asked for */
    private Optional<ImagePresence> look(ImageName image, Optional<String> platform, boolean changed) {
        try {
            return inspect(image).filter(found -> platform.isEmpty() || Platforms.match(platform.get(), found))
                    .map(_ -> new ImagePresence.Present(changed));
        } catch (EngineAway e) {
            return Optional.of(new ImagePresence.Away(e.getMessage()));
        }
    }

    private Optional<String> id(ImageName image) throws EngineAway {
        // An answer without an id says all the same that the image is there.
        return inspect(image).map(found -> Objects.requireNonNullElse(found.getId(), ""));
    }

    private Optional<InspectImageResponse> inspect(ImageName image) throws EngineAway {
        try {
            return Optional.of(
                    link.ask(deadlines.quick(), () -> link.client().inspectImageCmd(image.normal()).exec()));
        } catch (NotFoundException _) {
            return Optional.empty();
        }
    }

    private ImagePresence shared(ImageName image, ImagePull how, Duration atMost) {
        var key = new Pull(image.normal(), how.platform(), how.authRef());
        // A task passes on whatever ends it, so that nobody waits for ever.
        var mine = new FutureTask<>(() -> {
            try {
                return pull(image, how);
            } finally {
                pulls.remove(key);
            }
        });
        Future<ImagePresence> running = pulls.putIfAbsent(key, mine);
        if (running == null) {
            // On a thread of its own: the first to wait may be interrupted while others still wait.
            Thread.ofVirtual().name("pull " + image.normal()).start(mine);
            running = mine;
        }
        try {
            return running.get(atMost.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException _) {
            return new ImagePresence.Pulling();
        } catch (ExecutionException e) {
            return away(e.getCause());
        } catch (InterruptedException _) {
            return interrupted();
        }
    }

    private ImagePresence pull(ImageName image, ImagePull how) {
        try {
            Optional<String> before = id(image);
            ImagePresence end = pull(image, how, login(image, how));
            return end instanceof ImagePresence.Present && before.isPresent()
                    ? new ImagePresence.Present(!before.equals(id(image)))
                    : end;
        } catch (SecretFiles.Missing e) {
            return new ImagePresence.Missing(e.failure());
        } catch (EngineAway e) {
            return new ImagePresence.Away(e.getMessage());
        }
    }

    /** The login that is referred to, else the one that this host's docker knows; null for none. */
    private AuthConfig login(ImageName image, ImagePull how) throws SecretFiles.Missing {
        if (how.authRef().isEmpty()) {
            return link.session().config().effectiveAuthConfig(familiar(image));
        }
        String pointer = "/registry_auth_ref";
        String[] parts = secrets.read(how.authRef().get(), pointer).strip().split(":", 2);
        if (parts.length < 2) {
            throw new SecretFiles.Missing(Failure.at(pointer, ErrorCode.PULL_FAILED,
                    "the secret " + how.authRef().get() + " is no login: write user:password into it"));
        }
        String normal = image.normal();
        return new AuthConfig().withUsername(parts[0]).withPassword(parts[1])
                .withRegistryAddress(normal.substring(0, normal.indexOf('/')));
    }

    private ImagePresence pull(ImageName image, ImagePull how, AuthConfig login) {
        var lastSign = new AtomicLong(System.nanoTime());
        long silence = deadlines.pullSilence().toNanos();
        try {
            Optional<String> error = Patience.whileLeft(() -> silence - (System.nanoTime() - lastSign.get()),
                    () -> follow(image, how, login, lastSign));
            if (error.isPresent()) {
                return failed(image, error.get(), !error.get().contains(OTHER_PLATFORM));
            }
        } catch (ExecutionException e) {
            return switch (e.getCause()) {
                case NotFoundException answer -> new ImagePresence.Missing(Failure.of(ErrorCode.IMAGE_NOT_FOUND,
                        "no image " + image + " to be had: " + EngineLink.message(answer)
                                + " (check its name and tag, and this host's login to its registry)"));
                case DockerException answer ->
                    failed(image, EngineLink.message(answer), answer.getHttpStatus() >= 500);
                default -> away(e.getCause());
            };
        } catch (TimeoutException _) {
            return failed(image, "no progress for " + deadlines.pullSilence().toSeconds() + " s", true);
        } catch (InterruptedException _) {
            return interrupted();
        }
        // The engine may report a finished pull that its full disk has cut short.
        return look(image, Optional.empty(), true).orElseGet(() -> failed(image,
                "the engine reported success, but does not have it; is its disk full?", true));
    }

    /** @return what the registry or the engine complained about in mid-stream */
    private Optional<String> follow(ImageName image, ImagePull how, AuthConfig login, AtomicLong lastSign)
            throws IOException {
        String path = "/images/create?fromImage=" + encode(image.normal())
                + how.platform().map(platform -> "&platform=" + encode(platform)).orElse("");
        try (Response response = link.open(Request.Method.POST, path, null, login);
                MappingIterator<PullResponseItem> items = EngineLink.JSON.readerFor(PullResponseItem.class)
                        .readValues(response.getBody())) {
            PullReports.OfPull report = reports.of(image);
            while (items.hasNext()) {
                PullResponseItem item = items.next();
                lastSign.set(System.nanoTime());
                if (item.getErrorDetail() != null) {
                    return Optional.of(item.getErrorDetail().getMessage());
                }
                if (Objects.requireNonNullElse(item.getStatus(), "").contains(OTHER_PLATFORM)) {
                    return Optional.of(item.getStatus());
                }
                report.add(item);
            }
            return Optional.empty();
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private static ImagePresence failed(ImageName image, String why, boolean retryable) {
        String message = "cannot pull " + image + ": " + why;
        // The stream of a pull has no codes: the system's words for it are all there is.
        if (why.contains("no space left on device")) {
            return new ImagePresence.Missing(Failure.retryable(ErrorCode.DISK_FULL, message));
        }
        return new ImagePresence.Missing(retryable
                ? Failure.retryable(ErrorCode.PULL_FAILED, message)
                : Failure.of(ErrorCode.PULL_FAILED, message));
    }

    private ImagePresence away(Throwable failure) {
        link.forgetSession();
        return new ImagePresence.Away(link.explain(failure));
    }

    private static ImagePresence interrupted() {
        Thread.currentThread().interrupt();
        return new ImagePresence.Away("interrupted");
    }

    /** The form under which docker-java finds a login: Docker's own registry goes without its name there. */
    static String familiar(ImageName image) {
        String normal = image.normal();
        return normal.startsWith(DOCKER_HUB) ? normal.substring(DOCKER_HUB.length()) : normal;
    }
}
