package io.dockworker.docker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dockworker.Coverage;
import io.dockworker.TestImages;
import io.dockworker.command.ContainerName;
import io.dockworker.command.ContainerSpec;
import io.dockworker.command.ErrorCode;
import io.dockworker.command.Failure;
import io.dockworker.command.ImageName;
import io.dockworker.command.ImagePull;
import io.dockworker.command.PullPolicy;
import io.dockworker.command.PullProgress;
import io.dockworker.execution.ContainerEngine.Answer;
import io.dockworker.execution.ContainerEngine.ImagePresence;
import io.dockworker.execution.EngineCall;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pulls from a real registry, over a way that can stall or break. */
final class RegistryIT {
    private static final String LOCAL = "dockworker-registry-it";
    private static final Duration LONG = Duration.ofMinutes(2);
    private static final Duration SILENCE = Duration.ofSeconds(3);
    private static final Executor THREADS = work -> Thread.ofVirtual().start(work);

    @TempDir
    private static Path directory;
    private static Registry registry;
    private static DockerEngine engine;
    private static DockerEngine impatient;
    private static ImageName image;
    private static String digest;

    @BeforeAll
    static void start() throws Exception {
        Path secrets = Files.createDirectories(directory.resolve("secrets"));
        Files.writeString(secrets.resolve("right"), Registry.LOGIN + "\n");
        Files.writeString(secrets.resolve("wrong"), "dock:guess\n");
        Files.writeString(secrets.resolve("no-login"), "word\n");
        engine = DockerEngine.connect(DockerConnection.LOCAL, secrets, new SimpleMeterRegistry());
        impatient = new DockerEngine(DockerConnection.LOCAL, secrets, new SimpleMeterRegistry(), new Deadlines(LONG,
                LONG, LONG, LONG, LONG, LONG, SILENCE));
        registry = new Registry(Files.createDirectories(directory.resolve("registry")));
        TestImages.run(directory.toFile(), 0, "sh", "-c", "head -c 8388608 /dev/urandom > random; tar -c random |"
                + " docker import - " + LOCAL);
        image = new ImageName(registry.name("page:1"));
        digest = registry.push(LOCAL, "page:1");
        TestImages.run(null, 0, "docker", "rmi", LOCAL);
    }

    @AfterAll
    static void stop() throws Exception {
        if (registry != null) {
            registry.close();
        }
        for (DockerEngine one : new DockerEngine[]{engine, impatient}) {
            if (one != null) {
                one.close();
            }
        }
    }

    @BeforeEach
    void theImageIsNotHere() throws IOException {
        registry.become(Registry.Way.OPEN);
        for (String name : List.of(image.given(), digested(digest).given())) {
            LocalImage.remove(engine, new ImageName(name));
        }
    }

    @Test
    void theLoginThatIsReferredToOpensTheRegistry() {
        assertEquals(new ImagePresence.Present(true), pull(engine, image, "right"));
        assertEquals(new ImagePresence.Present(false), pull(engine, image, "right"), "it is the newest already");
    }

    @Test
    void whatCannotBeHadSaysWhy() {
        assertFailure(ErrorCode.PULL_FAILED, "no basic auth credentials", pull(engine, image, ""));
        assertFailure(ErrorCode.PULL_FAILED, "unauthorized", pull(engine, image, "wrong"));
        assertFailure(ErrorCode.PULL_FAILED, "write user:password into it", pull(engine, image, "no-login"));
        assertFailure(ErrorCode.NOT_FOUND, "keeps no secret absent", pull(engine, image, "absent"));
        assertFailure(ErrorCode.IMAGE_NOT_FOUND, "manifest unknown",
                pull(engine, new ImageName(registry.name("page:2")), "right"));
    }

    @Test
    void aDigestNamesOneImageAndNoOther() {
        assertEquals(new ImagePresence.Present(true), pull(engine, digested(digest), "right"));
        assertFailure(ErrorCode.IMAGE_NOT_FOUND, "manifest unknown",
                pull(engine, digested("sha256:" + "0".repeat(64)), "right"));
    }

    @Test
    void anImageForAnotherPlatformIsRefused() {
        assertFailure(ErrorCode.PULL_FAILED, "platform", engine.ensureImage(image,
                new ImagePull(PullPolicy.ALWAYS, Optional.of("linux/arm64"), Optional.of("right")), LONG));
    }

    /** As with {@code docker run --platform}. */
    @Test
    void anImageForAnotherPlatformThanIsWantedIsAsGoodAsMissing() throws Exception {
        var name = new ImageName(registry.name("both:1"));
        TestImages.run(null, 0, "sh", "-c",
                "tar -c -C /etc hostname | docker import - both-here && docker tag both-here "
                        + name + " && docker save both-here"
                        + " | sed 's/\"architecture\":\"amd64\"/\"architecture\":\"arm64\"/' | docker load");
        try {
            registry.push("both-here", "both:1");
            ImagePull wanted = new ImagePull(PullPolicy.MISSING, Optional.of("linux/arm64"), Optional.of("right"));
            var never = new ImagePull(PullPolicy.NEVER, wanted.platform(), Optional.empty());
            assertEquals(new ImagePresence.Present(false), engine.ensureImage(name, never, LONG));
            Answer.Refused refused = assertInstanceOf(Answer.Refused.class, engine.call(new EngineCall.Create(
                    new ContainerName("both"), ContainerSpec.of(name).with(never), Map.of()), LONG));
            assertEquals(Answer.Reason.NOT_FOUND, refused.reason());
            assertTrue(refused.message().contains("wanted linux/arm64, actual: linux/amd64"), refused::message);

            assertEquals(new ImagePresence.Present(true), engine.ensureImage(name, wanted, LONG));
            assertEquals("arm64",
                    TestImages.run(null, 0, "docker", "inspect", "-f", "{{.Architecture}}", name.given()));
            registry.become(Registry.Way.OPEN);
            for (String same : List.of("linux/arm64", "linux/aarch64", "arm64", "linux")) {
                assertEquals(new ImagePresence.Present(false), engine.ensureImage(name,
                        new ImagePull(PullPolicy.MISSING, Optional.of(same), Optional.of("right")), LONG));
            }
            assertEquals(List.of(), registry.fetched("manifests"));
        } finally {
            TestImages.run(null, 0, "docker", "rmi", "both-here", name.given());
        }
    }

    @Test
    void allWhoWaitShareOnePullWhoseProgressIsTold() throws Exception {
        List<PullProgress> told = new CopyOnWriteArrayList<>();
        engine.onPullProgress(told::add);
        registry.become(Registry.Way.STALLED);
        List<CompletableFuture<ImagePresence>> waiting = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            waiting.add(CompletableFuture.supplyAsync(() -> pull(engine, image, "right"), THREADS));
        }
        assertTrue(registry.awaitStalled());
        Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> !told.isEmpty());
        registry.release();
        for (CompletableFuture<ImagePresence> one : waiting) {
            assertEquals(new ImagePresence.Present(true), one.get(60, TimeUnit.SECONDS));
        }

        List<String> manifests = registry.fetched("manifests");
        assertEquals(Set.copyOf(manifests).size(), manifests.size(), manifests::toString);
        assertEquals(2, registry.fetched("blobs").size(), "the layer and the configuration, once each");
        assertEquals(1, told.getFirst().layersTotal(), told::toString);
    }

    @Test
    void aPullThatStallsHalfWayIsGivenUp() throws Exception {
        registry.become(Registry.Way.STALLED);
        assertFailure(ErrorCode.PULL_FAILED, "no progress for 3 s", pull(impatient, image, "right"));
        assertTrue(registry.awaitStalled(), "it did get half-way");
        registry.release();
        assertEquals(new ImagePresence.Present(true), pull(engine, image, "right"), "later it can be had");
    }

    @Test
    void aLayerThatIsCutOffIsFetchedAgain() {
        registry.become(Registry.Way.CUT);
        assertEquals(new ImagePresence.Present(true), pull(engine, image, "right"));
        assertTrue(registry.hasCut());
    }

    @Test
    void aFullDiskIsCalledThat() throws Exception {
        Path root = Files.createDirectories(directory.resolve("small/data"));
        TestImages.run(null, 0, "mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", root.toString());
        try (var second = new SecondEngine(root.getParent(), List.of());
                var small = DockerEngine.connect(second.local(), directory.resolve("secrets"),
                        new SimpleMeterRegistry())) {
            assertFailure(ErrorCode.DISK_FULL, "no space left on device", pull(small, image, "right"));
        } finally {
            TestImages.run(null, 32, "umount", "-l", root.toString());
        }
    }

    private static ImageName digested(String digest) {
        return new ImageName(registry.name("page@" + digest));
    }

    /** @param login the secret's name; empty for none */
    private static ImagePresence pull(DockerEngine from, ImageName image, String login) {
        return from.ensureImage(image, new ImagePull(PullPolicy.ALWAYS, Optional.empty(),
                Optional.of(login).filter(name -> !name.isEmpty())), LONG);
    }

    private static void assertFailure(ErrorCode code, String words, ImagePresence end) {
        Failure failure = assertInstanceOf(ImagePresence.Missing.class, end).failure();
        Coverage.saw("code", failure.code().name());
        assertEquals(code, failure.code(), failure::message);
        assertTrue(failure.message().contains(words), failure::message);
    }
}
