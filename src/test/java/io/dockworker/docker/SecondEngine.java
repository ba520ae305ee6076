package io.dockworker.docker;

import io.dockworker.TestImages;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Another real engine beside that of this machine. Its containers have no network. */
public final class SecondEngine implements AutoCloseable {
    private static final String BRIDGE = "dwsecond";
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final DockerConnection local;
    private final Process dockerd;

    /**
     * @param directory of its own, for its data in {@code data} and all else
     * @param options   more of {@code dockerd}
     */
    public SecondEngine(Path directory, List<String> options) throws IOException, InterruptedException {
        local = new DockerConnection(URI.create("unix://" + directory.resolve("docker.sock")), Optional.empty());
        // Without a bridge of its own, a second dockerd takes away that of the first. A killed run leaves it behind.
        TestImages.run(null, 1, "ip", "link", "delete", BRIDGE);
        TestImages.run(null, 0, "ip", "link", "add", BRIDGE, "type", "bridge");
        TestImages.run(null, 0, "ip", "address", "add", "10.253.77.1/24", "dev", BRIDGE);
        // An engine's id is kept there, and another engine needs another one.
        Path etc = Files.createDirectory(directory.resolve("etc"));
        List<String> command = new ArrayList<>(List.of("unshare", "-m", "sh", "-c",
                "mkdir -p /etc/docker && mount --bind " + etc + " /etc/docker && exec \"$@\"", "sh", "dockerd",
                "--data-root", directory.resolve("data").toString(),
                "--exec-root", directory.resolve("exec").toString(), "--pidfile", directory.resolve("pid").toString(),
                "-H", local.host().toString(), "--bridge", BRIDGE, "--iptables=false", "--ip6tables=false",
                "--storage-driver", "vfs"));
        command.addAll(options);
        Path log = directory.resolve("log");
        dockerd = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
        long begin = System.nanoTime();
        while (!Files.readString(log).contains("API listen on")) {
            if (!dockerd.isAlive() || System.nanoTime() - begin > PATIENCE.toNanos()) {
                close();
                throw new IOException(Files.readString(log));
            }
            Thread.sleep(Duration.ofMillis(100));
        }
    }

    public DockerConnection local() {
        return local;
    }

    @Override
    public void close() throws IOException {
        dockerd.destroy();
        try {
            if (!dockerd.waitFor(30, TimeUnit.SECONDS)) {
                dockerd.destroyForcibly().waitFor();
            }
            TestImages.run(null, 1, "ip", "link", "delete", BRIDGE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException(e.toString());
        }
    }
}
