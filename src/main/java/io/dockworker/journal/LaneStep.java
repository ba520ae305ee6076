package io.dockworker.journal;

/** A step of execution that goes on record. */
public sealed interface LaneStep {
    Work work();

    /** Execution begins, or begins again: attempt {@code work.attempts() + 1}. */
    record Begin(Work work, Intent intent) implements LaneStep {}

    /** Execution goes on under another intent. */
    record Note(Work work, int attempt, Intent intent) implements LaneStep {}

    /** The worker is asked to end in the middle of this attempt; the next one goes on from it. */
    record Cut(Work work, int attempt) implements LaneStep {}

    /** Execution ends. */
    record End(Completion completion) implements LaneStep {
        @Override
        public Work work() {
            return completion.work();
        }
    }
}
