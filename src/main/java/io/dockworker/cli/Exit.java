package io.dockworker.cli;

/** How a verb ends, for scripts. */
enum Exit {
    DONE(0), FAILED(1), USAGE(2), UNAVAILABLE(69), FAULT(70), CONFIGURATION(78);

    final int code;

    Exit(int code) {
        this.code = code;
    }

    /** Ends a verb with a message for people. */
    static final class Because extends RuntimeException {
        private static final long serialVersionUID = 1L;
        private final Exit exit;

        Because(Exit exit, String message) {
            super(message);
            this.exit = exit;
        }

        Exit exit() {
            return exit;
        }
    }
}
