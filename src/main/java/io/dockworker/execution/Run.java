package io.dockworker.execution;

import io.dockworker.command.ContainerSnapshot;
import io.dockworker.command.ContainerStatus;
import io.dockworker.journal.Intent;
import io.dockworker.journal.Work;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * How far the execution of one piece of work has come, in this worker's life.
 *
 * @param intent    what is on record, from this life or an earlier one
 * @param committed this life has put it there
 * @param pending   the call to make once it is on record
 * @param doubt     present until the engine's state is known again
 * @param complaint what the engine said to a call whose effect, once settled, was found missing
 * @param image     what is known of the image
 * @param view      what was seen last
 * @param done      the calls that were answered with success
 * @param unanswered the latest call that the engine gave no answer to
 * @param setbacks  consecutive times that the engine was away, for the backoff
 */
record Run(Work work, Optional<Intent> intent, boolean committed, Optional<EngineCall> pending, Optional<Doubt> doubt,
        Optional<Doubt.Complaint> complaint, Image image, View view, List<EngineCall> done,
        Optional<EngineCall> unanswered, int setbacks) {
    /** What is known of the image that the work needs. */
    enum Image {
        UNKNOWN, READY, CHANGED
    }

    /**
     * What was seen last.
     *
     * @param looks  for each subject what was under it
     * @param last   the command's container as last seen, if only before
     * @param first  the first subject's as last seen, which a replacement makes another than the command's
     * @param ended  the command's container as first seen after an end that followed the intent
     * @param unseen a call was done since the last look
     */
    record View(List<Optional<ContainerSnapshot>> looks, Optional<ContainerSnapshot> last,
            Optional<ContainerSnapshot> first, Optional<ContainerSnapshot> ended, boolean unseen) {}

    static Run of(Work work) {
        return new Run(work, work.intent(), false, Optional.empty(), Optional.empty(), Optional.empty(), Image.UNKNOWN,
                new View(List.of(), work.intent().flatMap(Intent::before), Optional.empty(), Optional.empty(), false),
                List.of(),
                Optional.empty(), 0);
    }

    /** The engine was touched, or may have been. */
    boolean touched() {
        return intent.isPresent();
    }

    Optional<ContainerSnapshot> last() {
        return view.last();
    }

    /** The engine had nothing under the first subject at the last look. */
    boolean gone() {
        return !view.looks().isEmpty() && view.looks().getFirst().isEmpty();
    }

    /** The first subject is no more, or on its way out, or a remainder that nothing can be done with. */
    boolean isLost() {
        return gone() || view.looks().stream().limit(1).flatMap(Optional::stream)
                .anyMatch(one -> one.status() == ContainerStatus.REMOVING || one.status() == ContainerStatus.DEAD);
    }

    Situation situation(Instant now) {
        return new Situation(work, intent, view.looks(), done, image != Image.UNKNOWN, now);
    }

    Run recorded(Intent now) {
        return new Run(work, Optional.of(now), true, pending, doubt, complaint, image, view, done, unanswered,
                setbacks);
    }

    Run pending(EngineCall call) {
        return new Run(work, intent, committed, Optional.of(call), doubt, complaint, image, view, done, unanswered,
                setbacks);
    }

    Run called() {
        return new Run(work, intent, committed, Optional.empty(), doubt, Optional.empty(), image, view, done,
                unanswered, 0);
    }

    /** The engine says that the call is done; nobody has seen it yet. */
    Run done(EngineCall call) {
        List<EngineCall> more = new ArrayList<>(done);
        more.add(call);
        return new Run(work, intent, committed, pending, doubt, complaint, image,
                new View(view.looks(), view.last(), view.first(), view.ended(), true), List.copyOf(more), unanswered,
                setbacks);
    }

    Run unanswered(EngineCall call) {
        return new Run(work, intent, committed, pending, doubt, complaint, image, view, done, Optional.of(call),
                setbacks);
    }

    Run doubting(Doubt now) {
        return new Run(work, intent, committed, pending, Optional.of(now), complaint, image, view, done, unanswered,
                setbacks);
    }

    Run settled() {
        return new Run(work, intent, committed, pending, Optional.empty(), doubt.flatMap(Doubt::complaint), image, view,
                done, unanswered, setbacks);
    }

    /** The engine's complaint no longer counts. */
    Run forgiven() {
        return new Run(work, intent, committed, pending, doubt, Optional.empty(), image, view, done, unanswered,
                setbacks);
    }

    Run withImage(boolean changed) {
        return new Run(work, intent, committed, pending, doubt, complaint, changed ? Image.CHANGED : Image.READY, view,
                done, unanswered, 0);
    }

    Run saw(List<Optional<ContainerSnapshot>> looks) {
        Optional<ContainerSnapshot> first = looks.isEmpty() ? Optional.empty() : looks.getFirst();
        Optional<ContainerSnapshot> shown = looks.isEmpty()
                ? Optional.empty()
                : Verb.of(work.command()).shown(work, looks);
        return new Run(work, intent, committed, pending, doubt, complaint, image,
                new View(looks, shown.or(view::last), first.or(view::first),
                        view.ended().or(() -> shown.filter(this::hasEnded)), false),
                done, unanswered, 0);
    }

    private boolean hasEnded(ContainerSnapshot container) {
        return !container.isUp() && intent.flatMap(Intent::before)
                .filter(before -> !before.finishedAt().equals(container.finishedAt())).isPresent();
    }

    Run setBack() {
        return new Run(work, intent, committed, pending, doubt, complaint, image, view, done, unanswered, setbacks + 1);
    }
}
