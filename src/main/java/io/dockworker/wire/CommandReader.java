package io.dockworker.wire;

import io.dockworker.command.Command;
import io.dockworker.command.CommandId;
import io.dockworker.command.CommandType;
import io.dockworker.command.ContainerName;
import io.dockworker.command.Header;
import io.dockworker.command.HostId;
import io.dockworker.command.ImageName;
import io.dockworker.command.InvalidValue;
import io.dockworker.command.PullPolicy;
import io.dockworker.command.Resources;
import io.dockworker.command.Signals;
import io.dockworker.command.SpecChange;
import io.dockworker.command.Target;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Pattern;

/** Reads the fields of a command. Throws {@link InvalidField} at the first fault. */
final class CommandReader {
    /** Characters of {@code source}, {@code correlation_id} and the like; they become headers. */
    static final int MAX_WORD = 256;
    static final Duration MAX_DEADLINE = Duration.ofDays(7);
    static final Duration MAX_GRACE = Duration.ofHours(24);

    /** RFC 3339, which is narrower than what {@link OffsetDateTime} reads. */
    private static final Pattern TIME = Pattern.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}"
            + "(?:\\.[0-9]{1,9})?(?:Z|[+-][0-9]{2}:[0-9]{2})");

    private CommandReader() {}

    static Command read(Envelope envelope) {
        CommandType type = FieldNames.type(envelope.type());
        var fields = new Fields("", envelope.body());
        FieldNames.check(type, fields);
        Header header = header(envelope, fields);
        return switch (type) {
            case CREATE -> create(header, fields);
            case START -> new Command.Start(header, target(fields));
            case STOP -> new Command.Stop(header, target(fields), grace(fields), signal(fields));
            case RESTART -> new Command.Restart(header, target(fields), grace(fields), signal(fields));
            case PAUSE -> new Command.Pause(header, target(fields));
            case UNPAUSE -> new Command.Unpause(header, target(fields));
            case KILL -> new Command.Kill(header, one(fields), signal(fields).orElse("SIGKILL"),
                    fields.flag("idempotent", false));
            case RENAME -> new Command.Rename(header, one(fields), fields.text("name", ContainerName::new)
                    .orElseThrow(() -> new InvalidField("/name", "give the new `name`")));
            case UPDATE -> update(header, fields);
            case REPLACE -> replace(header, fields);
            case PULL -> new Command.Pull(header, image(fields, "a pull needs an `image`"),
                    SpecReader.pull(fields, PullPolicy.ALWAYS));
            case CANCEL -> new Command.Cancel(header, fields.text("command_id", CommandId::new)
                    .orElseThrow(() -> new InvalidField("/command_id", "give the `command_id` to be cancelled")));
            case REMOVE -> new Command.Remove(header, target(fields), fields.flag("force", true),
                    fields.flag("volumes", false));
        };
    }

    static Optional<Duration> grace(Fields fields) {
        return fields.text("stop_grace_period", text -> Durations.parseSeconds(text, MAX_GRACE));
    }

    private static Optional<String> signal(Fields fields) {
        return fields.amount("signal", number -> Signals.parse(number.toPlainString()), Signals::parse);
    }

    static ImageName image(Fields fields, String without) {
        return fields.text("image", ImageName::new).orElseThrow(() -> new InvalidField("/image", without));
    }

    private static Target.One one(Fields fields) {
        return fields.text("target", Target.One::new)
                .orElseThrow(() -> new InvalidField("/target", "give the `target`: a container's name or id"));
    }

    private static Command update(Header header, Fields fields) {
        Target.One target = one(fields);
        Resources resources = SpecReader.resources(fields);
        return Fields.valid("/resources", () -> new Command.Update(header, target, resources));
    }

    private static Command replace(Header header, Fields fields) {
        Target.One target = one(fields);
        SpecChange change = SpecReader.change(fields);
        Optional<Command.Replace.Order> order = fields.text("order",
                text -> Words.parse(text, Command.Replace.Order.values()));
        return new Command.Replace(header, target, change, order);
    }

    private static Header header(Envelope envelope, Fields fields) {
        fields.word("traceparent", Envelope.MAX_TRACE);
        OptionalLong deadline = fields.integer("deadline_seconds", 1, MAX_DEADLINE.toSeconds());
        return new Header(envelope.id(), fields.text("host", HostId::new), fields.word("source", MAX_WORD),
                fields.word("correlation_id", MAX_WORD), envelope.traceparent(),
                fields.text("expires_at", CommandReader::time),
                deadline.isPresent() ? Optional.of(Duration.ofSeconds(deadline.getAsLong())) : Optional.empty());
    }

    /** However each is written; what is no time is the same as its like. */
    static boolean isSameTime(String one, String other) {
        try {
            return one.equals(other) || time(one).equals(time(other));
        } catch (InvalidValue _) {
            return false;
        }
    }

    private static Instant time(String text) {
        String upper = text.toUpperCase(Locale.ROOT);
        try {
            if (TIME.matcher(upper).matches()) {
                return OffsetDateTime.parse(upper).toInstant();
            }
        } catch (DateTimeException _) {
            // The shape is right, the date does not exist: the same advice.
        }
        throw new InvalidValue("write a time as RFC 3339 does, with its offset, as in \"2026-01-31T12:00:00Z\"");
    }

    private static Target target(Fields fields) {
        Optional<Target> one = fields.text("target", Target.One::new);
        Optional<Target> all = fields.text("image", image -> new Target.AllOf(new ImageName(image)));
        if (one.isPresent() && all.isPresent()) {
            throw new InvalidField("/image",
                    "give `target` for one container or `image` for all of an image, not both");
        }
        return one.or(() -> all).orElseThrow(() -> new InvalidField("/target",
                "give `target` for one container, or `image` for all of an image"));
    }

    private static Command create(Header header, Fields fields) {
        OptionalLong count = fields.integer("count", 1, Command.Create.MAX_COUNT);
        boolean start = fields.flag("start", true);
        // With its pointers this is stricter than the vocabulary, so what is left to complain of is the count's clash.
        var spec = SpecReader.read(fields);
        Command.Create create = Fields.valid("/ports",
                () -> new Command.Create(header, spec, (int) count.orElse(1), start));
        // The longest of the names that will be made of it must be one.
        Fields.valid("/name", () -> create.memberName(create.count() > 1 ? create.count() : 0));
        return create;
    }
}
