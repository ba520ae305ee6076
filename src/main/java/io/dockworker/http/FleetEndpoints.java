package io.dockworker.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dockworker.command.ContainerEvent;
import io.dockworker.command.ContainerId;
import io.dockworker.http.ContainerView.ViewUnavailable;
import io.dockworker.journal.EventViews;
import io.dockworker.journal.FleetViews;
import io.dockworker.wire.EventEncoder;
import io.dockworker.wire.Spelling;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Shows events, hosts, and what the fleet is meant to run. */
final class FleetEndpoints {
    private static final JsonMapper JSON = new JsonMapper();
    private static final EventEncoder EVENTS = new EventEncoder();

    private final ContainerView containers;
    private final RecordView records;

    FleetEndpoints(HttpParts parts) {
        this.containers = parts.containers();
        this.records = parts.records();
    }

    void addTo(Routes routes) {
        routes.add("GET", "/events",
                Set.of("container", "name", "type", "host", "since", "until", Paging.LIMIT, Paging.CURSOR),
                this::events);
        routes.add("GET", "/hosts", Paging.PARAMETERS, this::hosts);
        routes.add("GET", "/images", Paging.PARAMETERS, this::images);
    }

    private Reply events(Request request) throws Refused, ViewUnavailable {
        Paging paging = Paging.of(request, Paging.USUAL);
        Optional<String> type = request.parameter("type");
        List<String> types = Stream.of(ContainerEvent.Type.values()).map(ContainerEvent.Type::toString).toList();
        if (type.isPresent() && !types.contains(type.get())) {
            throw Refused.parameter("type", "a type is one of " + String.join(", ", types)
                    + Spelling.guess(type.get(), types.stream()));
        }
        Optional<ContainerId> container = Optional.empty();
        if (request.parameter("container").isPresent()) {
            String reference = request.parameter("container").get();
            container = Optional.of(reference.matches("[0-9a-f]{64}")
                    ? new ContainerId(reference)
                    : ContainerReferences.require(containers, reference).container().id());
        }
        return events(records, paging, new EventViews.Filter(container, request.parameter("name"), type,
                request.parameter("host"), request.time("since"), request.time("until")));
    }

    static Reply events(RecordView records, Paging paging, EventViews.Filter filter) throws Refused, ViewUnavailable {
        Optional<EventViews.Place> before = paging.place(2,
                parts -> new EventViews.Place(Rfc3339.parse(parts.get(0)), parts.get(1)));
        return paging.reply(records.events(filter, before, paging.reading()), EVENTS::json,
                event -> List.of(event.at().toString(), event.eventId()));
    }

    private Reply hosts(Request request) throws Refused, ViewUnavailable {
        Paging paging = Paging.of(request, Paging.USUAL);
        return paging.reply(records.hosts(paging.place(1, List::getFirst), paging.reading()), FleetEndpoints::json,
                host -> List.of(host.name()));
    }

    private Reply images(Request request) throws Refused, ViewUnavailable {
        Paging paging = Paging.of(request, Paging.USUAL);
        return paging.reply(records.images(paging.place(1, List::getFirst), paging.reading()), FleetEndpoints::json,
                image -> List.of(image.name()));
    }

    /** What the host's worker last published, with what the database knows better. */
    private static String json(FleetViews.Host host) {
        return tree(host.description()).put("host", host.name()).put("engine_id", host.engineId())
                .put("epoch", host.epoch()).put("at", host.heartbeatAt().toString()).put("live", host.live())
                .toString();
    }

    private static String json(FleetViews.DesiredImage image) {
        ObjectNode json = JSON.createObjectNode().put("name", image.name()).put("image", image.image())
                .put("count", image.count()).put("generation", image.generation())
                .put("changed_at", image.changedAt().toString());
        json.set("spec", tree(image.spec()));
        return json.toString();
    }

    private static ObjectNode tree(String json) {
        try {
            return JSON.readValue(json, ObjectNode.class);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("the records hold no JSON object here", e);
        }
    }
}
