package io.dockworker.execution;

import io.dockworker.command.ContainerSnapshot;
import io.dockworker.journal.Intent;
import io.dockworker.journal.Work;
import java.util.Optional;

/**
 * How far the execution of one piece of work has come, in this worker's life.
 *
 * @param intent     what is on record, from this life or an earlier one
 * @param committed  this life has put it there
 * @param pending    the call to make once it is on record
 * @param doubt      present until the engine's state is known again
 * @param complaint  what the engine said to a call whose effect, once settled, was found missing
 * @param imageReady the image is known to be there
 * @param last       the command's container as last seen, if only before
 * @param gone       the engine had no such container at the last look
 * @param unseen     a call was done since the last look
 * @param setbacks   consecutive times that the engine was away, for the backoff
 */
record Run(Work work, Optional<Intent> intent, boolean committed, Optional<EngineCall> pending, Optional<Doubt> doubt,
        Optional<Doubt.Complaint> complaint, boolean imageReady, Optional<ContainerSnapshot> last, boolean gone,
        boolean unseen,
        int setbacks) {
    static Run of(Work work) {
        return new Run(work, work.intent(), false, Optional.empty(), Optional.empty(), Optional.empty(), false,
                work.intent().flatMap(Intent::before), false, false, 0);
    }

    /** The engine was touched, or may have been. */
    boolean touched() {
        return intent.isPresent();
    }

    Run recorded(Intent now) {
        return new Run(work, Optional.of(now), true, pending, doubt, complaint, imageReady, last, gone, unseen,
                setbacks);
    }

    Run pending(EngineCall call) {
        return new Run(work, intent, committed, Optional.of(call), doubt, complaint, imageReady, last, gone, unseen,
                setbacks);
    }

    Run called() {
        return new Run(work, intent, committed, Optional.empty(), doubt, Optional.empty(), imageReady, last, gone,
                unseen, 0);
    }

    /** The engine says that the call is done; nobody has seen it yet. */
    Run done() {
        return new Run(work, intent, committed, pending, doubt, complaint, imageReady, last, gone, true, setbacks);
    }

    Run doubting(Doubt now) {
        return new Run(work, intent, committed, pending, Optional.of(now), complaint, imageReady, last, gone, unseen,
                setbacks);
    }

    Run settled() {
        return new Run(work, intent, committed, pending, Optional.empty(), doubt.flatMap(Doubt::complaint), imageReady,
                last, gone, unseen, setbacks);
    }

    Run withImage() {
        return new Run(work, intent, committed, pending, doubt, complaint, true, last, gone, unseen, 0);
    }

    /** @param seen empty where the engine has no such container */
    Run saw(Optional<ContainerSnapshot> seen) {
        Optional<ContainerSnapshot> own = seen
                .filter(container -> Decider.verb(work.command()).concerns(work, container));
        return new Run(work, intent, committed, pending, doubt, complaint, imageReady, own.or(() -> last),
                seen.isEmpty(), false, 0);
    }

    Run setBack() {
        return new Run(work, intent, committed, pending, doubt, complaint, imageReady, last, gone, unseen,
                setbacks + 1);
    }
}
