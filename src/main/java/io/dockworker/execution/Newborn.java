package io.dockworker.execution;

import io.dockworker.command.ContainerName;
import io.dockworker.command.ContainerSnapshot;
import io.dockworker.command.ContainerSpec;
import io.dockworker.command.ContainerStatus;
import io.dockworker.command.ErrorCode;
import io.dockworker.command.Failure;
import io.dockworker.command.Labels;
import io.dockworker.journal.Work;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** The container that a command makes, from nothing to its first start. */
record Newborn(Work work, ContainerName name, ContainerSpec spec) {
    private static final Duration RESERVATION = Duration.ofMillis(200);

    Verdict made(boolean imageReady) {
        return imageReady
                ? new Verdict.Act(new EngineCall.Create(name, spec, labels()))
                : new Verdict.NeedImage(spec.image(), spec.pull());
    }

    /** @param wanted false: made is enough */
    Verdict started(ContainerSnapshot container, boolean wanted) {
        if (container.status() == ContainerStatus.REMOVING || container.status() == ContainerStatus.DEAD) {
            return Verdict.failed(Failure.of(ErrorCode.NOT_FOUND, "somebody removed the container while it was made"));
        }
        if (container.startedAt().isPresent()) {
            return new Verdict.Achieved();
        }
        // The engine takes one network when a container is made; the others are joined before it starts.
        Optional<String> network = spec.network().networks().stream()
                .filter(one -> !container.networks().contains(one)).findFirst();
        if (network.isPresent()) {
            return new Verdict.Act(new EngineCall.Connect(container.id(), network.get()));
        }
        if (!wanted) {
            return new Verdict.Achieved();
        }
        return container.state().error().isEmpty()
                ? new Verdict.Act(new EngineCall.Start(container.id()))
                : Verdict.failed(Complaints.failure(container.state().error(), spec));
    }

    static Verdict refused(EngineCall call, ContainerEngine.Answer.Refused refusal) {
        return switch (refusal.reason()) {
            // Either name is held, which the next look shows, or it is reserved for a create still in flight.
            case CONFLICT -> new Verdict.LookAgain(RESERVATION);
            case NOT_FOUND -> call instanceof EngineCall.Create
                    ? Verdict.failed(Failure.at("/image", ErrorCode.IMAGE_NOT_FOUND, refusal.message()))
                    // Of a start: the container, or something that it needs, such as its network.
                    : Verdict.failed(Failure.of(ErrorCode.NOT_FOUND, refusal.message()));
            case INVALID -> Verdict.failed(Complaints.refusal(refusal.message()));
        };
    }

    private Map<String, String> labels() {
        Map<String, String> labels = new LinkedHashMap<>(spec.labels());
        labels.put(Labels.MANAGED_BY, spec.image().given());
        labels.putAll(identity(work));
        // Of no group: only what is scaled has one, and only that is counted.
        labels.put(Labels.GROUP, "");
        return labels;
    }

    private static Map<String, String> identity(Work work) {
        return Map.of(Labels.COMMAND_ID, work.key().command().value(), Labels.HOST, work.host().value(),
                Labels.SPEC_HASH, work.specHash().orElseThrow());
    }

    /** True where the container bears the command's identity. */
    static boolean isOf(Work work, ContainerSnapshot container) {
        return container.labels().entrySet().containsAll(identity(work).entrySet());
    }
}
