package io.dockworker.execution;

import java.util.List;
import java.util.Optional;

/**
 * How far a doubt about the engine's state has been settled. The engine may still be at work on a call whose answer was
 * lost, so one look proves nothing: from its first answer on we wait, and then look until two looks agree.
 *
 * @param rested   the wait after the engine's first answer is over
 * @param previous the look before, to compare with
 * @param complaint where the engine answered with an error of its own
 */
record Doubt(boolean rested, Optional<List<ContainerEngine.Inspection>> previous, Optional<Complaint> complaint) {
    /** What the engine said, and to which call: a later call has a chance of its own. */
    record Complaint(EngineCall call, String words) {}

    static Doubt because(Optional<Complaint> complaint) {
        return new Doubt(false, Optional.empty(), complaint);
    }

    Doubt rest() {
        return new Doubt(true, previous, complaint);
    }

    Doubt after(List<ContainerEngine.Inspection> look) {
        return new Doubt(true, Optional.of(look), complaint);
    }
}
