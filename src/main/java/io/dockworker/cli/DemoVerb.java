package io.dockworker.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** Shows the main job. */
@Command(name = "demo", mixinStandardHelpOptions = true, description = "Shows everything on this machine, and ends by itself.")
final class DemoVerb implements Callable<Integer> {
    @Override
    public Integer call() {
        return Exit.DONE.code;
    }
}
