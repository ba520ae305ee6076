package io.dockworker.docker;

import java.io.IOException;

/** The engine gave no usable answer: it is down, silent, or of a kind that cannot be used. The message says which. */
public final class EngineAway extends IOException {
    private static final long serialVersionUID = 1L;

    EngineAway(String message) {
        super(message);
    }
}
