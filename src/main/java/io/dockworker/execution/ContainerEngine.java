package io.dockworker.execution;

import io.dockworker.command.ContainerId;
import io.dockworker.command.ContainerSnapshot;
import io.dockworker.command.Failure;
import io.dockworker.command.ImageName;
import io.dockworker.command.ImagePull;
import java.time.Duration;
import java.util.Optional;

/**
 * One container engine, as execution needs it. No method throws for anything the engine or the way to it does: every
 * end is a value, and an end that cannot be known is {@code Unknown}, never a failure. Each call ends by its own
 * deadline. The implementation sends a request at most once.
 */
public interface ContainerEngine {
    /** Asks for one container by name or id. */
    Inspection inspect(String nameOrId);

    /**
     * Acts. May be interrupted, which ends in {@link Answer.Unknown}.
     *
     * @param atMost how long to wait for the answer, if that is less than the call's own limit
     */
    Answer call(EngineCall call, Duration atMost);

    /** Makes the image present by its policy, or says why not. Callers that wait for one image share one pull. */
    ImagePresence ensureImage(ImageName image, ImagePull pull, Duration atMost);

    /** What the engine said about one container. */
    sealed interface Inspection {
        record Seen(ContainerSnapshot container) implements Inspection {}

        record Absent() implements Inspection {}

        /** The engine gave no usable answer. */
        record Away(String reason) implements Inspection {}
    }

    /** What became of a call. */
    sealed interface Answer {
        /** The engine says it is done, or was so already (2xx, 304). For a create, the id is the new container's. */
        record Done(Optional<ContainerId> id) implements Answer {}

        /** The engine says it did not and will not do it. */
        record Refused(Reason reason, String message) implements Answer {}

        /** It cannot be asked of any engine from here, as when a secret is missing; nothing was sent. */
        record Impossible(Failure failure) implements Answer {}

        /** The request never reached the engine. */
        record NotSent(String reason) implements Answer {}

        /**
         * Perhaps done, perhaps not, perhaps later.
         *
         * @param complaint what the engine said, where it did answer, with an error of its own (5xx)
         */
        record Unknown(String reason, Optional<String> complaint) implements Answer {
            /** No answer at all. */
            public Unknown(String reason) {
                this(reason, Optional.empty());
            }
        }

        /** Why an engine refuses: 404, 409, and 400 or any other 4xx. */
        enum Reason {
            NOT_FOUND, CONFLICT, INVALID
        }
    }

    /** Whether an image is there to be used. */
    sealed interface ImagePresence {
        /** @param changed another image than before is meant by the name now */
        record Present(boolean changed) implements ImagePresence {}

        record Missing(Failure failure) implements ImagePresence {}

        /** The engine is away; ask again. */
        record Away(String reason) implements ImagePresence {}

        /** The time is over; the pull goes on for whoever else wants the image. */
        record Pulling() implements ImagePresence {}
    }
}
