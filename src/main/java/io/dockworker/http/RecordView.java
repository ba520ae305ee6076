package io.dockworker.http;

import io.dockworker.command.CommandId;
import io.dockworker.command.ContainerEvent;
import io.dockworker.command.HostId;
import io.dockworker.command.Outcome;
import io.dockworker.http.ContainerView.ViewUnavailable;
import io.dockworker.journal.Changes;
import io.dockworker.journal.CommandViews;
import io.dockworker.journal.EventViews;
import io.dockworker.journal.FleetViews;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** What is on record of commands, events and hosts. Lists go on behind the place that they are given. */
public interface RecordView {
    Optional<CommandViews.View> command(CommandId id) throws ViewUnavailable;

    /** Of these, the ones that have ended. */
    List<CommandViews.View> ended(Collection<CommandId> ids) throws ViewUnavailable;

    /** The latest first; of one status, or of one stage of progress, or all. */
    List<CommandViews.View> commands(Optional<Outcome.Status> status, Optional<CommandViews.Progress> progress,
            Optional<CommandViews.Place> before, int limit) throws ViewUnavailable;

    /** The latest first. */
    List<ContainerEvent> events(EventViews.Filter filter, Optional<EventViews.Place> before, int limit)
            throws ViewUnavailable;

    /** In the order of names. */
    List<FleetViews.Host> hosts(Optional<String> after, int limit) throws ViewUnavailable;

    /** Whether a host of this name has ever reported; it may be lost by now. */
    boolean isKnownHost(HostId host) throws ViewUnavailable;

    /** In the order of names. */
    List<FleetViews.DesiredImage> images(Optional<String> after, int limit) throws ViewUnavailable;

    /** The position behind all changes so far. */
    Changes.Position endOfChanges() throws ViewUnavailable;

    /** In the order in which they became visible. */
    Changes.Page changes(Changes.Position after, int limit) throws ViewUnavailable;
}
