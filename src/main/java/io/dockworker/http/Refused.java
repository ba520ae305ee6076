package io.dockworker.http;

import io.dockworker.command.ErrorCode;
import io.dockworker.command.Failure;

/** A request that is not done, and what the client is told. */
final class Refused extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient Reply reply;

    Refused(Reply reply) {
        super("status " + reply.status(), null, false, false);
        this.reply = reply;
    }

    /** @param parameter of the query, or the header, that is at fault */
    static Refused parameter(String parameter, String message) {
        return new Refused(Reply.problem(400, Failure.at("/" + parameter, ErrorCode.INVALID_COMMAND, message)));
    }

    Reply reply() {
        return reply;
    }
}
