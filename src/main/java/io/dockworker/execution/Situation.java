package io.dockworker.execution;

import io.dockworker.command.ContainerSnapshot;
import io.dockworker.journal.Intent;
import io.dockworker.journal.Work;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What a verb judges.
 *
 * @param intent     what was on record before the engine was touched; empty while it has not been
 * @param looks      for each of the verb's subjects what the engine has under it; empty where it has nothing
 * @param done       the calls that the engine has answered with success in this worker's life
 * @param imageReady the image is known to be there
 */
record Situation(Work work, Optional<Intent> intent, List<Optional<ContainerSnapshot>> looks, List<EngineCall> done,
        boolean imageReady, Instant now) {
    /** What the engine has under the first subject. */
    Optional<ContainerSnapshot> seen() {
        return looks.getFirst();
    }

    Optional<ContainerSnapshot> before() {
        return intent.flatMap(Intent::before);
    }
}
