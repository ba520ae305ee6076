package io.dockworker;

import io.dockworker.command.ContainerId;
import io.dockworker.command.HealthSample;
import io.dockworker.execution.ContainerEngine;
import io.dockworker.http.ContainerView;
import io.dockworker.journal.ContainerViews;
import io.dockworker.journal.Containers;
import io.dockworker.journal.ManagedContainer;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/** The journal's containers and the samples, as the HTTP interface asks for them. */
record ContainerLookups(Containers containers, ContainerViews views, ContainerEngine engine,
        AtomicReference<Sampling> sampling) implements ContainerView {
    @Override
    public List<ManagedContainer> page(ContainerViews.Filter filter, Optional<ContainerViews.Place> after, int limit)
            throws ViewUnavailable {
        return Records.available(() -> views.page(filter, after, limit));
    }

    @Override
    public Lookup find(String reference) throws ViewUnavailable {
        List<ManagedContainer> found = Records.available(() -> containers.find(reference));
        return switch (found.size()) {
            case 0 -> notOnRecord(reference);
            case 1 -> new Lookup.Found(found.getFirst());
            default -> new Lookup.Ambiguous();
        };
    }

    /** The engine knows also what is not ours, and what the next relist will show. */
    private Lookup notOnRecord(String reference) {
        Sampling running = sampling.get();
        if (running == null || !reference.matches("[a-zA-Z0-9][a-zA-Z0-9_.-]*")) {
            return new Lookup.NotFound();
        }
        return switch (engine.inspect(reference)) {
            case ContainerEngine.Inspection.Seen(var container) when !container.isManaged() -> new Lookup.NotManaged();
            case ContainerEngine.Inspection.Seen(var container) when isNamed(container.id(), container.name(),
                    reference) ->
                new Lookup.Found(new ManagedContainer(running.host(), container, Instant.now()));
            case ContainerEngine.Inspection.Seen _,ContainerEngine.Inspection.Absent _,ContainerEngine.Inspection.Away _ ->
                new Lookup.NotFound();
        };
    }

    /** The engine itself takes shorter beginnings of an id than we do. */
    private static boolean isNamed(ContainerId id, String name, String reference) {
        return name.equals(reference) || (reference.length() >= 12 && id.value().startsWith(reference));
    }

    @Override
    public boolean isToCome(String name) throws ViewUnavailable {
        return Records.available(() -> views.isToCome(name));
    }

    @Override
    public Optional<HealthSample> latestHealth(ContainerId id) throws ViewUnavailable {
        // Before the worker owns its engine there is nobody who samples.
        return Records
                .available(() -> Optional.ofNullable(sampling.get()).flatMap(running -> containers.find(id.value())
                        .stream().findFirst().flatMap(found -> running.latest(found))));
    }

    @Override
    public List<HealthSample> healthHistory(ContainerId id, Instant from, Instant to, int limit)
            throws ViewUnavailable {
        return Records.samples(() -> sampling.get() == null
                ? List.of()
                : sampling.get().history(id, from, to, limit));
    }
}
