package io.dockworker;

import io.dockworker.cli.Launcher;

/** Where the program begins. */
final class Main {
    private Main() {}

    public static void main(String[] arguments) {
        System.exit(Launcher.run(arguments));
    }
}
