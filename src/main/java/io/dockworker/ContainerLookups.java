package io.dockworker;

import io.dockworker.command.ContainerId;
import io.dockworker.command.HealthSample;
import io.dockworker.command.ImageName;
import io.dockworker.http.ContainerView;
import io.dockworker.journal.Containers;
import io.dockworker.journal.ManagedContainer;
import io.dockworker.journal.Unavailable;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

/** The journal's containers and the latest samples, as the HTTP interface asks for them. */
record ContainerLookups(Containers containers, AtomicReference<Sampling> sampling) implements ContainerView {
    @Override
    public List<ManagedContainer> instances(ImageName image) throws ViewUnavailable {
        return available(() -> containers.ofImage(image));
    }

    @Override
    public Lookup find(String reference) throws ViewUnavailable {
        List<ManagedContainer> found = available(() -> containers.find(reference));
        return switch (found.size()) {
            case 0 -> new Lookup.NotFound();
            case 1 -> new Lookup.Found(found.getFirst());
            default -> new Lookup.Ambiguous();
        };
    }

    @Override
    public Optional<HealthSample> latestHealth(ContainerId id) throws ViewUnavailable {
        // Before the worker owns its engine there is nobody who samples.
        return available(() -> Optional.ofNullable(sampling.get()).flatMap(running -> containers.find(id.value())
                .stream().findFirst().flatMap(found -> running.latest(found.container()))));
    }

    private static <T> T available(Supplier<T> read) throws ViewUnavailable {
        try {
            return read.get();
        } catch (Unavailable e) {
            throw new ViewUnavailable(e.getMessage(), e);
        }
    }
}
