package io.dockworker;

import io.dockworker.command.CommandId;
import io.dockworker.command.ContainerEvent;
import io.dockworker.command.HostId;
import io.dockworker.command.Outcome;
import io.dockworker.http.ContainerView.ViewUnavailable;
import io.dockworker.http.RecordView;
import io.dockworker.journal.Changes;
import io.dockworker.journal.CommandViews;
import io.dockworker.journal.EventViews;
import io.dockworker.journal.FleetViews;
import io.dockworker.journal.Unavailable;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** The journal, as the HTTP interface asks it. */
record Records(CommandViews commands, EventViews events, FleetViews fleet, Changes changes) implements RecordView {
    @Override
    public Optional<CommandViews.View> command(CommandId id) throws ViewUnavailable {
        return available(() -> commands.find(id));
    }

    @Override
    public List<CommandViews.View> ended(Collection<CommandId> ids) throws ViewUnavailable {
        return available(() -> commands.ended(ids));
    }

    @Override
    public List<CommandViews.View> commands(Optional<Outcome.Status> status, Optional<CommandViews.Progress> progress,
            Optional<CommandViews.Place> before, int limit) throws ViewUnavailable {
        return available(() -> commands.page(status, progress, before, limit));
    }

    @Override
    public List<ContainerEvent> events(EventViews.Filter filter, Optional<EventViews.Place> before, int limit)
            throws ViewUnavailable {
        return available(() -> events.page(filter, before, limit));
    }

    @Override
    public List<FleetViews.Host> hosts(Optional<String> after, int limit) throws ViewUnavailable {
        return available(() -> fleet.hosts(after, limit));
    }

    @Override
    public boolean isKnownHost(HostId host) throws ViewUnavailable {
        return available(() -> fleet.isKnown(host));
    }

    @Override
    public List<FleetViews.DesiredImage> images(Optional<String> after, int limit) throws ViewUnavailable {
        return available(() -> fleet.images(after, limit));
    }

    @Override
    public Changes.Position endOfChanges() throws ViewUnavailable {
        return available(changes::end);
    }

    @Override
    public Changes.Page changes(Changes.Position after, int limit) throws ViewUnavailable {
        return available(() -> changes.after(after, limit));
    }

    static <T> T available(Supplier<T> read) throws ViewUnavailable {
        try {
            return read.get();
        } catch (Unavailable e) {
            throw new ViewUnavailable(e.getMessage(), e);
        }
    }

    /** The table of samples is not the journal's, and its faults are the driver's own, which are not told apart here. */
    static <T> T samples(Supplier<T> read) throws ViewUnavailable {
        try {
            return read.get();
        } catch (RuntimeException e) {
            throw new ViewUnavailable(String.valueOf(e.getMessage()), e);
        }
    }
}
