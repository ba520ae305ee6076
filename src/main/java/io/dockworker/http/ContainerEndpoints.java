package io.dockworker.http;

import io.dockworker.command.ContainerId;
import io.dockworker.command.ContainerStatus;
import io.dockworker.command.ErrorCode;
import io.dockworker.command.Failure;
import io.dockworker.command.HealthSample;
import io.dockworker.command.HostId;
import io.dockworker.command.ImageName;
import io.dockworker.command.InvalidValue;
import io.dockworker.http.ContainerView.Lookup;
import io.dockworker.http.ContainerView.ViewUnavailable;
import io.dockworker.journal.ContainerViews;
import io.dockworker.journal.EventViews;
import io.dockworker.journal.ManagedContainer;
import io.dockworker.wire.HealthEncoder;
import io.dockworker.wire.StateEncoder;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** Shows the fleet's containers, their health and what happened to them. */
final class ContainerEndpoints {
    private static final HealthEncoder HEALTH = new HealthEncoder();
    private static final StateEncoder STATES = new StateEncoder();
    /** Beyond every sample, and within what PostgreSQL can say. */
    private static final Instant FAR = Instant.parse("9999-01-01T00:00:00Z");

    private final ContainerView containers;
    private final RecordView records;

    ContainerEndpoints(HttpParts parts) {
        this.containers = parts.containers();
        this.records = parts.records();
    }

    void addTo(Routes routes) {
        routes.add("GET", "/containers", Set.of("host", "image", "status", Paging.LIMIT, Paging.CURSOR), this::list);
        routes.add("GET", "/containers/instances/{id}", Set.of(), this::one);
        routes.add("GET", "/containers/instances/{id}/events", Paging.PARAMETERS, this::events);
        routes.add("GET", "/containers/instances/{id}/health", Set.of(), this::health);
        routes.add("GET", "/containers/instances/{id}/health/history",
                Set.of("since", "until", Paging.LIMIT, Paging.CURSOR), this::history);
        routes.add("GET", "/containers/{image}/instances", Paging.PARAMETERS, this::instances);
    }

    static String json(ManagedContainer managed) {
        return STATES.json(managed.host(), managed.container(), managed.seenAt());
    }

    private Reply list(Request request) throws Refused, ViewUnavailable {
        return page(request, Paging.USUAL, new ContainerViews.Filter(parsed(request, "host", HostId::new),
                parsed(request, "image", ImageName::new), parsed(request, "status", ContainerStatus::parse)));
    }

    /** The original knew no pages: only those who ask for less than all that is allowed get several. */
    private Reply instances(Request request) throws Refused, ViewUnavailable {
        ImageName image;
        try {
            image = new ImageName(request.part("image"));
        } catch (InvalidValue e) {
            throw Refused.parameter("image", e.getMessage());
        }
        return page(request, Paging.MOST,
                new ContainerViews.Filter(Optional.empty(), Optional.of(image), Optional.empty()));
    }

    private Reply page(Request request, int usual, ContainerViews.Filter filter) throws Refused, ViewUnavailable {
        Paging paging = Paging.of(request, usual);
        Optional<ContainerViews.Place> after = paging.place(2,
                parts -> new ContainerViews.Place(parts.get(0), parts.get(1)));
        return paging.reply(containers.page(filter, after, paging.reading()), ContainerEndpoints::json,
                managed -> List.of(managed.container().name(), managed.container().id().value()));
    }

    private static <T> Optional<T> parsed(Request request, String name, Function<String, T> type) throws Refused {
        try {
            return request.parameter(name).map(type);
        } catch (InvalidValue e) {
            throw Refused.parameter(name, e.getMessage());
        }
    }

    private Reply one(Request request) throws Refused, ViewUnavailable {
        return Reply.json(200, json(ContainerReferences.require(containers, request.part("id"))));
    }

    private Reply health(Request request) throws Refused, ViewUnavailable {
        ManagedContainer managed = ContainerReferences.require(containers, request.part("id"));
        return containers.latestHealth(managed.container().id())
                .map(sample -> Reply.json(200, HEALTH.json(sample)))
                .orElseGet(() -> Reply.problem(404, Failure.retryable(ErrorCode.NOT_FOUND,
                        "There is no health sample of this container yet.")));
    }

    private Reply events(Request request) throws Refused, ViewUnavailable {
        Paging paging = Paging.of(request, Paging.USUAL);
        ContainerId id = idOf(request);
        return FleetEndpoints.events(records, paging, EventViews.Filter.of(id));
    }

    private Reply history(Request request) throws Refused, ViewUnavailable {
        Paging paging = Paging.of(request, Paging.USUAL);
        ContainerId id = idOf(request);
        Optional<Instant> before = paging.place(1, parts -> Rfc3339.parse(parts.getFirst()));
        Instant until = request.time("until").orElse(FAR);
        List<HealthSample> samples = containers.healthHistory(id, request.time("since").orElse(Instant.EPOCH),
                before.orElse(until), paging.reading());
        return paging.reply(samples, HEALTH::json, sample -> List.of(sample.sampledAt().toString()));
    }

    /** A removed container's records are kept for a while, and found by its full id. */
    private ContainerId idOf(Request request) throws Refused, ViewUnavailable {
        String reference = request.part("id");
        Lookup lookup = containers.find(reference);
        if (lookup instanceof Lookup.Found(var managed)) {
            return managed.container().id();
        }
        if (lookup instanceof Lookup.NotFound && reference.matches("[0-9a-f]{64}")) {
            var id = new ContainerId(reference);
            if (!records.events(EventViews.Filter.of(id), Optional.empty(), 1).isEmpty()) {
                return id;
            }
        }
        throw ContainerReferences.refusal(reference, lookup);
    }
}
