package io.dockworker.docker;

import static io.dockworker.docker.ScriptedEngine.answering;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dockworker.command.ContainerId;
import io.dockworker.command.ContainerSnapshot;
import io.dockworker.command.ErrorCode;
import io.dockworker.command.ImageName;
import io.dockworker.command.ImagePull;
import io.dockworker.command.PullPolicy;
import io.dockworker.execution.ContainerEngine.Answer;
import io.dockworker.execution.ContainerEngine.Answer.Reason;
import io.dockworker.execution.ContainerEngine.ImagePresence;
import io.dockworker.execution.ContainerEngine.Inspection;
import io.dockworker.execution.EngineCall;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of calls when the engine or the way to it is at fault. */
class EngineFaultsTest {
    private static final ContainerId ID = new ContainerId("a".repeat(64));
    private static final ImageName IMAGE = new ImageName("registry.test/tools:1");
    private static final Duration SHORT = Duration.ofMillis(150);
    private static final Duration FAR = Duration.ofSeconds(20);
    private static final List<EngineCall> CALLS = List.of(new EngineCall.Start(ID),
            new EngineCall.Stop(ID, Optional.of(Duration.ZERO), Optional.empty()),
            new EngineCall.Stop(ID, Optional.of(Duration.ZERO), Optional.of("SIGINT")),
            new EngineCall.Remove(ID, true, true));

    private static final String INSPECTION = """
            {"Id":"%s","Name":"/web","Created":"2026-01-01T00:00:00Z","Image":"sha256:0","State":{"Status":"running"},
             "Config":{"Image":"tools"},"HostConfig":{},"NetworkSettings":{}}""".formatted("c".repeat(64));

    @TempDir
    private Path directory;
    private Path socket;
    private ScriptedEngine scripted;
    private DockerEngine impatient;
    private DockerEngine patient;

    @BeforeEach
    void open() throws IOException {
        socket = directory.resolve("docker.sock");
        scripted = new ScriptedEngine(socket, ScriptedEngine.SILENT);
        impatient = engine(SHORT);
        patient = engine(FAR);
    }

    @AfterEach
    void close() throws IOException {
        impatient.close();
        patient.close();
        scripted.close();
    }

    private DockerEngine engine(Duration limit) {
        return engine(limit, limit);
    }

    private DockerEngine engine(Duration limit, Duration pullSilence) {
        return new DockerEngine(ScriptedEngine.connection(socket), directory, new SimpleMeterRegistry(),
                new Deadlines(limit, limit, limit, limit, limit, limit, pullSilence));
    }

    @Test
    void aSilentEngineEndsEveryCallAsUnknownByItsDeadline() {
        assertTimeoutPreemptively(FAR, () -> {
            impatient.link().session();
            for (EngineCall call : CALLS) {
                assertInstanceOf(Answer.Unknown.class, impatient.call(call, Duration.ofMinutes(5)));
            }
            assertInstanceOf(Inspection.Away.class, impatient.inspect("x"));
            assertEquals(Optional.empty(), impatient.view().list());
            assertEquals(Map.of(), impatient.view().look(Set.of(ID)));
            assertInstanceOf(ImagePresence.Away.class,
                    impatient.ensureImage(IMAGE, ImagePull.of(PullPolicy.MISSING), Duration.ofMinutes(5)));
            assertThrows(EngineAway.class, impatient::info);
        });
    }

    /** One is silent for longer than anybody waits, one does not exist, and one answers. */
    @Test
    void aContainerThatGivesNoAnswerDoesNotHoldUpTheOthers() {
        ContainerId gone = new ContainerId("b".repeat(64));
        ContainerId there = new ContainerId("c".repeat(64));
        scripted.script = (request, answer) -> (request.contains(ID.value())
                ? ScriptedEngine.SILENT
                : request.contains(gone.value()) ? answering(404, "{}") : answering(200, INSPECTION))
                .react(request, answer);

        patient.inspect(there.value());
        assertTimeoutPreemptively(FAR.dividedBy(2), () -> {
            Map<ContainerId, Optional<ContainerSnapshot>> seen = patient.view().look(Set.of(ID, gone, there));
            assertEquals(Set.of(gone, there), seen.keySet());
            assertEquals(Optional.empty(), seen.get(gone));
            assertEquals("web", seen.get(there).orElseThrow().name());
        });
    }

    @Test
    void whereNobodyListensNothingWasSent() throws IOException {
        scripted.close();

        for (EngineCall call : CALLS) {
            var answer = assertInstanceOf(Answer.NotSent.class, patient.call(call, Duration.ofMinutes(5)));
            assertTrue(answer.reason().contains(socket.toString()), answer::reason);
        }
        assertInstanceOf(Inspection.Away.class, patient.inspect("x"));
        assertEquals(Optional.empty(), patient.view().list());
        assertInstanceOf(ImagePresence.Away.class,
                patient.ensureImage(IMAGE, ImagePull.of(PullPolicy.ALWAYS), Duration.ofMinutes(5)));
    }

    /** A call waits for the API version first. What is lost then is lost without doubt. */
    @Test
    void anEngineThatDoesNotEvenAnswerAPingWasSentNothing() {
        scripted.ping = Optional.of(ScriptedEngine.SILENT);
        for (EngineCall call : CALLS) {
            assertInstanceOf(Answer.NotSent.class, impatient.call(call, Duration.ofMinutes(5)));
        }
        scripted.ping = Optional.of(ScriptedEngine.DROPPING);
        for (EngineCall call : CALLS) {
            assertInstanceOf(Answer.NotSent.class, patient.call(call, Duration.ofMinutes(5)));
        }
        assertEquals(List.of(), scripted.requests());
    }

    @Test
    void aConnectionThatBreaksAfterTheRequestIsUnknownAndNothingIsSentTwice() {
        scripted.script = ScriptedEngine.DROPPING;

        for (EngineCall call : CALLS) {
            assertInstanceOf(Answer.Unknown.class, patient.call(call, Duration.ofMinutes(5)));
        }
        assertEquals(CALLS.size(), scripted.requests().size(), () -> scripted.requests().toString());
    }

    /** HTTP libraries like to repeat these by themselves. */
    @Test
    void anAnswerThatSaysTryAgainIsUnknownAndNothingIsSentTwice() {
        for (int status : List.of(500, 502, 503, 307)) {
            scripted.script = answering(status, "{\"message\":\"busy\"}");
            int before = scripted.requests().size();
            for (EngineCall call : CALLS) {
                var answer = assertInstanceOf(Answer.Unknown.class, patient.call(call, Duration.ofMinutes(5)));
                assertTrue(answer.reason().contains("busy"), answer::reason);
            }
            assertEquals(CALLS.size(), scripted.requests().size() - before);
        }
    }

    @Test
    void aRefusalIsToldByItsStatus() {
        assertEquals(new Answer.Refused(Reason.NOT_FOUND, "why"), answerTo(404));
        assertEquals(new Answer.Refused(Reason.CONFLICT, "why"), answerTo(409));
        assertEquals(new Answer.Refused(Reason.INVALID, "why"), answerTo(400));
        assertEquals(new Answer.Refused(Reason.INVALID, "why"), answerTo(429));
        assertEquals(new Answer.Done(Optional.empty()), answerTo(304));
        assertEquals(new Answer.Done(Optional.empty()), answerTo(204));
    }

    private Answer answerTo(int status) {
        scripted.script = answering(status, status < 400 ? "" : "{\"message\":\"why\"}");
        return patient.call(CALLS.getFirst(), Duration.ofMinutes(5));
    }

    @Test
    void aGracePeriodIsRoundedUpToSecondsHoweverLong() {
        scripted.script = answering(204, "");

        for (Duration grace : List.of(Duration.ofMillis(1), Duration.ofMillis(2_500), Duration.ofDays(1_000_000))) {
            assertInstanceOf(Answer.Done.class,
                    patient.call(new EngineCall.Stop(ID, Optional.of(grace), Optional.empty()), Duration.ofMinutes(5)));
        }
        patient.call(new EngineCall.Stop(ID, Optional.empty(), Optional.empty()), Duration.ofMinutes(5));
        assertEquals(List.of("t=1", "t=3", "t=" + Integer.MAX_VALUE, ""),
                scripted.requests().stream().filter(one -> one.startsWith("POST"))
                        .map(one -> one.replaceAll(".*\\?(.*) HTTP.*", "$1")).toList());
    }

    @Test
    void anInterruptEndsACallAsUnknownAndIsKept() throws Exception {
        var sent = new CountDownLatch(1);
        scripted.script = (request, answer) -> {
            sent.countDown();
            ScriptedEngine.SILENT.react(request, answer);
        };
        var call = new FutureTask<>(() -> {
            Answer answer = patient.call(CALLS.getFirst(), Duration.ofMinutes(5));
            assertTrue(Thread.interrupted());
            return answer;
        });
        Thread caller = Thread.ofVirtual().start(call);
        sent.await();
        caller.interrupt();

        assertInstanceOf(Answer.Unknown.class, call.get());
    }

    @Test
    void anEngineMayComeLateAndComeBackAsAnotherVersion() throws IOException {
        scripted.close();
        assertInstanceOf(Answer.NotSent.class, patient.call(CALLS.getFirst(), Duration.ofMinutes(5)));

        scripted = new ScriptedEngine(socket, answering(204, ""));
        assertInstanceOf(Answer.Done.class, patient.call(CALLS.getFirst(), Duration.ofMinutes(5)));
        assertEquals(List.of("POST /v1.41/containers/" + ID + "/start HTTP/1.1"), scripted.requests());

        scripted.apiVersion = "1.52";
        scripted.script = ScriptedEngine.DROPPING;
        assertInstanceOf(Answer.Unknown.class, patient.call(CALLS.getFirst(), Duration.ofMinutes(5)));
        scripted.script = answering(204, "");
        assertInstanceOf(Answer.Done.class, patient.call(CALLS.getFirst(), Duration.ofMinutes(5)));
        assertTrue(scripted.requests().getLast().startsWith("POST /v1.44/"), () -> scripted.requests().toString());
    }

    @Test
    void anUpgradedEngineThatRefusesTheAgreedVersionHasRefusedNoCall() {
        scripted.script = answering(204, "");
        patient.call(CALLS.getFirst(), Duration.ofMinutes(5));

        scripted.apiVersion = "1.52";
        scripted.script = answering(400, "{\"message\":\"client version 1.41 is too old\"}");
        assertInstanceOf(Answer.Unknown.class, patient.call(CALLS.getFirst(), Duration.ofMinutes(5)));
        assertInstanceOf(Answer.Refused.class, patient.call(CALLS.getFirst(), Duration.ofMinutes(5)));
    }

    @Test
    void anEngineThatIsTooOldIsSentNothing() {
        scripted.apiVersion = "1.40";

        var answer = assertInstanceOf(Answer.NotSent.class, patient.call(CALLS.getFirst(), Duration.ofMinutes(5)));
        assertTrue(answer.reason().contains("1.40") && answer.reason().contains("1.41"), answer::reason);
    }

    @Test
    void allWhoWaitForAnImageShareOnePull() throws Exception {
        var begun = new CountDownLatch(1);
        var go = new CountDownLatch(1);
        var looks = new AtomicInteger();
        scripted.script = (request, answer) -> {
            if (request.startsWith("POST")) {
                begun.countDown();
                go.await();
                ScriptedEngine.stream(answer, "{\"status\":\"Pulling\"}\n", "{\"status\":\"Done\"}\n");
            } else {
                int look = looks.incrementAndGet();
                answering(look <= 3 ? 404 : 200, "{}").react(request, answer);
            }
        };
        var first = new FutureTask<>(
                () -> patient.ensureImage(IMAGE, ImagePull.of(PullPolicy.MISSING), Duration.ofMinutes(5)));
        Thread.ofVirtual().start(first);
        begun.await();
        var second = new FutureTask<>(
                () -> patient.ensureImage(IMAGE, ImagePull.of(PullPolicy.MISSING), Duration.ofMinutes(5)));
        Thread waiter = Thread.ofVirtual().start(second);
        while (looks.get() < 3 || waiter.getState() != Thread.State.TIMED_WAITING) {
            Thread.onSpinWait();
        }
        go.countDown();

        assertEquals(new ImagePresence.Present(true), first.get());
        assertEquals(new ImagePresence.Present(true), second.get());
        assertEquals(1, scripted.requests().stream().filter(one -> one.startsWith("POST")).count());
        assertTrue(scripted.requests().contains(
                "POST /v1.41/images/create?fromImage=registry.test%2Ftools%3A1 HTTP/1.1"),
                () -> scripted.requests().toString());
    }

    @Test
    void aPullThatFailsInMidStreamIsAFailureDespiteItsStatus() {
        scripted.script = (_, answer) -> ScriptedEngine.stream(answer, "{\"status\":\"Pulling\"}\n",
                "{\"errorDetail\":{\"message\":\"no space left on device\"},\"error\":\"no space left on device\"}\n");

        assertPullFailed(ErrorCode.DISK_FULL, "no space left on device", patient);
    }

    @Test
    void aPullThatSaysItSucceededAndLeftNoImageIsAFailure() {
        scripted.script = (request, answer) -> {
            if (request.startsWith("POST")) {
                ScriptedEngine.stream(answer, "{\"status\":\"Download complete\"}\n");
            } else {
                answering(404, "{\"message\":\"No such image\"}").react(request, answer);
            }
        };

        assertPullFailed(ErrorCode.PULL_FAILED, "disk full", patient);
    }

    @Test
    void aPullIsGivenUpForSilenceAndNotForItsLength() {
        Duration silence = Duration.ofMillis(600);
        scripted.script = (request, answer) -> {
            if (!request.startsWith("POST")) {
                answering(404, "{\"message\":\"No such image\"}").react(request, answer);
                return;
            }
            ScriptedEngine.stream(answer);
            for (int step = 0; step < 8; step++) {
                Thread.sleep(silence.dividedBy(3));
                answer.write("{\"status\":\"Downloading\"}\n".getBytes(StandardCharsets.UTF_8));
            }
            ScriptedEngine.SILENT.react(request, answer);
        };

        long begin = System.nanoTime();
        try (DockerEngine engine = engine(FAR, silence)) {
            assertPullFailed(ErrorCode.PULL_FAILED, "no progress", engine);
        }
        assertTrue(System.nanoTime() - begin > silence.multipliedBy(8).dividedBy(3).toNanos());
    }

    private static void assertPullFailed(ErrorCode code, String why, DockerEngine engine) {
        var missing = assertInstanceOf(ImagePresence.Missing.class,
                engine.ensureImage(IMAGE, ImagePull.of(PullPolicy.ALWAYS), Duration.ofMinutes(5)));
        assertEquals(code, missing.failure().code());
        assertTrue(missing.failure().message().contains(why), missing.failure()::message);
    }

    @Test
    void anImageThatTheRegistryDoesNotHaveIsNotFoundForGood() {
        scripted.script = answering(404, "{\"message\":\"manifest unknown\"}");

        var missing = assertInstanceOf(ImagePresence.Missing.class,
                patient.ensureImage(IMAGE, ImagePull.of(PullPolicy.MISSING), Duration.ofMinutes(5)));
        assertEquals(ErrorCode.IMAGE_NOT_FOUND, missing.failure().code());
        assertTrue(missing.failure().message().contains("manifest unknown") && !missing.failure().retryable());
    }
}
