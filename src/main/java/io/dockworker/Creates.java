package io.dockworker;

import io.dockworker.command.Command;
import io.dockworker.command.CommandId;
import io.dockworker.command.ErrorCode;
import io.dockworker.command.Failure;
import io.dockworker.command.ImageName;
import io.dockworker.http.CreateRequestReader.Reading;
import io.dockworker.wire.CommandDecoder;
import io.dockworker.wire.CommandEncoder;
import io.dockworker.wire.Decoded;

/** Reads the body of a request that creates containers as strictly as the same fields in a record. */
final class Creates {
    private static final CommandDecoder DECODER = new CommandDecoder();

    private static final int MAX_BYTES = 256 << 10;

    private Creates() {}

    private static boolean fits(Command command) {
        return new CommandEncoder().encode(command).length <= MAX_BYTES;
    }

    static Reading read(ImageName image, byte[] body, CommandId id) {
        return switch (DECODER.decodeCreate(body, image, id)) {
            case Decoded.Accepted(Command command, var _) -> fits(command)
                    ? new Reading.Understood(command)
                    : new Reading.Refused(Failure.of(ErrorCode.INVALID_COMMAND,
                            "written out with its defaults, the command exceeds the " + MAX_BYTES
                                    + " bytes of a record"));
            case Decoded.Rejected rejected -> new Reading.Refused(rejected.failure());
            case Decoded.NoCommand(var _, String message) ->
                new Reading.Refused(Failure.of(ErrorCode.INVALID_COMMAND, message));
        };
    }
}
