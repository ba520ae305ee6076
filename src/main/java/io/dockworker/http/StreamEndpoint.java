package io.dockworker.http;

import io.dockworker.http.ContainerView.ViewUnavailable;
import io.dockworker.journal.Changes;
import io.dockworker.wire.EventEncoder;
import io.dockworker.wire.ResultEncoder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/**
 * Results, events and states as server-sent events. Nothing is kept for a reader: each reads the records at its own pace,
 * page by page, from the position that its last event's id says.
 */
final class StreamEndpoint {
    private static final int PAGE = 100;
    /** Also how soon a reader who has vanished is noticed. */
    private static final Duration HEARTBEAT = Duration.ofSeconds(5);
    private static final EventEncoder EVENTS = new EventEncoder();
    private static final String LAST_EVENT_ID = "last_event_id";

    private final RecordView records;
    private final RecordWatch watch;

    StreamEndpoint(RecordView records, RecordWatch watch) {
        this.records = records;
        this.watch = watch;
    }

    void addTo(Routes routes) {
        // A browser cannot set the header when it connects first.
        routes.add("GET", "/stream", Set.of(LAST_EVENT_ID), this::stream);
    }

    private Reply stream(Request request) throws Refused, ViewUnavailable {
        Optional<String> last = request.header("Last-Event-ID").filter(id -> !id.isEmpty())
                .or(() -> request.parameter(LAST_EVENT_ID));
        Optional<Changes.Position> position = last.flatMap(Changes.Position::parse);
        if (last.isPresent() && position.isEmpty()) {
            throw Refused.parameter(LAST_EVENT_ID,
                    "\"" + last.get() + "\" is no id of an event of this stream; leave it "
                            + "out to begin now, or write " + Changes.Position.START + " to begin with what is kept");
        }
        Changes.Position begin = position.isPresent() ? position.get() : records.endOfChanges();
        return Reply.stream("text/event-stream", out -> run(begin, out), () -> {});
    }

    private void run(Changes.Position begin, ClientOutput out) throws IOException, InterruptedException {
        Changes.Position position = begin;
        // The id alone is no event, but where a reader goes on that loses its connection before the first.
        write(out, "retry: 2000\nid: " + position + "\n\n");
        while (true) {
            Changes.Page page;
            try {
                page = records.changes(position, PAGE);
            } catch (ViewUnavailable _) {
                // Over: the reader comes again, and is told by then whether the records can be read.
                return;
            }
            if (page.missed()) {
                write(out,
                        "event: missed\nid: " + page.next() + "\ndata: {\"detail\":\"Some changes are forgotten; read "
                                + "the lists anew.\"}\n\n");
            }
            for (Changes.Placed placed : page.changes()) {
                write(out, text(placed));
            }
            if (page.next().equals(position)) {
                write(out, ": heartbeat\nid: " + position + "\n\n");
                watch.awaitChange(position, HEARTBEAT);
            }
            position = page.next();
        }
    }

    private static String text(Changes.Placed placed) {
        String event = switch (placed.change()) {
            case Changes.Change.Ended(var result) -> "event: result\ndata: " + ResultEncoder.value(result);
            case Changes.Change.Happened(var happened) -> "event: event\ndata: " + EVENTS.json(happened);
            case Changes.Change.Seen(var container) -> "event: state\ndata: " + ContainerEndpoints.json(container);
            case Changes.Change.Gone(var id) -> "event: gone\ndata: {\"id\":\"" + id + "\"}";
        };
        return event + "\nid: " + placed.position() + "\n\n";
    }

    private static void write(ClientOutput out, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.write(bytes, bytes.length);
    }
}
