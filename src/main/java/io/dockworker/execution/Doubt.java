package io.dockworker.execution;

import java.util.Optional;

/**
 * How far a doubt about the engine's state has been settled. The engine may still be at work on a call whose answer was
 * lost, so one look proves nothing: from its first answer on we wait, and then look until two looks agree.
 *
 * @param rested   the wait after the engine's first answer is over
 * @param previous the look before, to compare with
 * @param complaint what the engine said, where it answered with an error of its own
 */
record Doubt(boolean rested, Optional<ContainerEngine.Inspection> previous, Optional<String> complaint) {
    static Doubt because(Optional<String> complaint) {
        return new Doubt(false, Optional.empty(), complaint);
    }

    Doubt rest() {
        return new Doubt(true, previous, complaint);
    }

    Doubt after(ContainerEngine.Inspection look) {
        return new Doubt(true, Optional.of(look), complaint);
    }
}
