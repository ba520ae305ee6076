package io.dockworker.http;

import io.dockworker.command.Command;
import io.dockworker.command.CommandId;
import io.dockworker.command.Failure;
import io.dockworker.command.ImageName;

/** Understands the body of a request that creates containers: {@code count} and the create fields, nothing else. */
@FunctionalInterface
public interface CreateRequestReader {
    /** @param body JSON; empty means no wishes beyond the image */
    Reading read(ImageName image, byte[] body, CommandId id);

    /** A command, or why there is none. */
    sealed interface Reading {
        record Understood(Command command) implements Reading {}

        record Refused(Failure failure) implements Reading {}
    }
}
