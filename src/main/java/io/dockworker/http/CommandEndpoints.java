package io.dockworker.http;

import io.dockworker.command.CommandId;
import io.dockworker.command.ErrorCode;
import io.dockworker.command.Failure;
import io.dockworker.command.InvalidValue;
import io.dockworker.command.Outcome;
import io.dockworker.http.ContainerView.ViewUnavailable;
import io.dockworker.journal.CommandViews;
import io.dockworker.wire.Spelling;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** How far commands have come, and what came of them. */
final class CommandEndpoints {
    private static final List<String> STAGES = List.of("accepted", "executing");

    private final RecordView records;
    private final RecentCommands recent;

    CommandEndpoints(RecordView records, RecentCommands recent) {
        this.records = records;
        this.recent = recent;
    }

    void addTo(Routes routes) {
        routes.add("GET", "/commands", Set.of("status", Paging.LIMIT, Paging.CURSOR), this::list);
        routes.add("GET", "/commands/{id}", Set.of(), this::one);
    }

    private Reply list(Request request) throws Refused, ViewUnavailable {
        Paging paging = Paging.of(request, Paging.USUAL);
        Optional<String> status = request.parameter("status");
        Optional<CommandViews.Progress> stage = status.filter(STAGES::contains)
                .map(word -> CommandViews.Progress.valueOf(word.toUpperCase(Locale.ROOT)));
        Optional<Outcome.Status> end = Stream.of(Outcome.Status.values())
                .filter(value -> Optional.of(value.toString()).equals(status)).findFirst();
        if (status.isPresent() && stage.isEmpty() && end.isEmpty()) {
            List<String> words = Stream
                    .concat(STAGES.stream(), Stream.of(Outcome.Status.values()).map(Outcome.Status::toString)).toList();
            throw Refused.parameter("status", "a status is one of " + String.join(", ", words)
                    + Spelling.guess(status.get(), words.stream()));
        }
        Optional<CommandViews.Place> before = paging.place(2,
                parts -> new CommandViews.Place(Rfc3339.parse(parts.get(0)), parts.get(1)));
        return paging.reply(records.commands(end, stage, before, paging.reading()), CommandJson::of,
                view -> List.of(view.receivedAt().toString(), view.id().value()));
    }

    private Reply one(Request request) throws Refused, ViewUnavailable {
        CommandId id;
        try {
            id = new CommandId(request.part("id"));
        } catch (InvalidValue e) {
            throw Refused.parameter("id", e.getMessage());
        }
        Optional<CommandViews.View> view = records.command(id);
        return view.map(CommandJson::of).or(() -> recent.find(id).map(sent -> CommandJson.of(sent.command())))
                .map(json -> Reply.json(200, json)).orElseGet(() -> Reply.problem(404,
                        Failure.of(ErrorCode.NOT_FOUND, "No command with the id " + id + " is on record.")));
    }
}
