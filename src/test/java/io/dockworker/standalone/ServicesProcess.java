package io.dockworker.standalone;

import java.io.OutputStream;
import java.nio.file.Path;
import java.util.Optional;

/** Services in a process of their own, to be killed; ends in order when its input does. */
final class ServicesProcess {
    private ServicesProcess() {}

    public static void main(String[] arguments) throws Exception {
        try (Services services = Services.start(Path.of(arguments[0]), 0, 0, _ -> {})) {
            services.announce(Optional.empty());
            System.out.println("ready");
            System.in.transferTo(OutputStream.nullOutputStream());
        }
    }

    /** Returns once it is ready. */
    static Process start(Path directory) throws Exception {
        Process process = new ProcessBuilder(ProcessHandle.current().info().command().orElseThrow(), "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1", "-Xmx128m", "-cp", System.getProperty("java.class.path"),
                ServicesProcess.class.getName(), directory.toString()).redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        if (!"ready".equals(process.inputReader().readLine())) {
            throw new AssertionError("the services did not start: exit code " + process.waitFor());
        }
        return process;
    }
}
