package io.dockworker.http;

import java.util.Optional;

/**
 * Where the HTTP interface listens, and who may use it.
 *
 * @param host     a name or address of this machine
 * @param port     0: any free one
 * @param moveOn   a taken port is no fault: the next free one is used
 * @param token    what clients must send; without one nothing but metrics and health is served beyond this machine
 */
public record Listening(String host, int port, boolean moveOn, Optional<String> token) {
    /** Shows no token. */
    @Override
    public String toString() {
        return host + ":" + port;
    }
}
