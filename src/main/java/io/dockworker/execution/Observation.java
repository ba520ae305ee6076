package io.dockworker.execution;

import java.util.List;

/** What the shell brings back from a step. */
sealed interface Observation {
    /** Nothing yet: the work has just been handed out. */
    record Handed() implements Observation {}

    /** The intent is on record. */
    record Committed() implements Observation {}

    /** The other intent is. */
    record Noted() implements Observation {}

    /** The journal would not let it begin: it had expired. */
    record Expired() implements Observation {}

    record Image(ContainerEngine.ImagePresence presence) implements Observation {}

    /** One for each that was asked for. */
    record Looked(List<ContainerEngine.Inspection> inspections) implements Observation {
        public Looked {
            inspections = List.copyOf(inspections);
        }
    }

    record Answered(ContainerEngine.Answer answer) implements Observation {}

    /** The wait is over. */
    record Waited() implements Observation {}
}
