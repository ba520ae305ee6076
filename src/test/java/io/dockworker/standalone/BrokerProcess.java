package io.dockworker.standalone;

import io.dockworker.Server;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.io.Writer;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A real broker in a process of its own, to be killed and frozen; it ends in order when its input does. */
public final class BrokerProcess implements Server {
    private final List<String> command;
    private final int port;
    private Process process;

    /**
     * Not started yet.
     *
     * @param reachedAt the port to which it directs its clients
     */
    public BrokerProcess(Path directory, int port, int reachedAt) {
        this.port = port;
        command = List.of(ProcessHandle.current().info().command().orElseThrow(), "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1", "-Xmx192m", "-cp", System.getProperty("java.class.path"),
                BrokerProcess.class.getName(), directory.toString(), String.valueOf(port), String.valueOf(reachedAt));
    }

    public static void main(String[] arguments) throws Exception {
        try (var _ = KafkaServer.start(Path.of(arguments[0]), Integer.parseInt(arguments[1]),
                Integer.parseInt(arguments[2]))) {
            System.out.println("ready");
            System.in.transferTo(OutputStream.nullOutputStream());
        }
    }

    @Override
    public void start() throws IOException {
        process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
        BufferedReader said = process.inputReader();
        // It logs there, too.
        for (String line = said.readLine(); !"ready".equals(line); line = said.readLine()) {
            if (line == null) {
                throw new IOException("the broker on port " + port + " did not start");
            }
        }
        Thread.ofPlatform().daemon().start(() -> drain(said));
    }

    private static void drain(BufferedReader said) {
        try {
            said.transferTo(Writer.nullWriter());
        } catch (IOException _) {
            // It was closed.
        }
    }

    @Override
    public List<ProcessHandle> processes() {
        return List.of(process.toHandle());
    }

    @Override
    public void close() throws IOException {
        process.getOutputStream().close();
        try {
            if (!process.waitFor(30, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException _) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
