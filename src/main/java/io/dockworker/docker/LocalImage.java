package io.dockworker.docker;

import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.transport.DockerHttpClient.Request;
import com.github.dockerjava.transport.DockerHttpClient.Response;
import io.dockworker.command.ImageName;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes a small image out of this machine, for where no registry answers: from its busybox, else from its own shell and
 * a few tools. It runs on engines of the same processor alone. By default its container serves a page on port 80 where
 * busybox can, else it idles; either way it ends at once when asked to stop.
 */
public final class LocalImage {
    private static final Logger LOG = LoggerFactory.getLogger(LocalImage.class);
    private static final List<Path> BUSYBOXES = List.of(Path.of("/bin/busybox.static"), Path.of("/bin/busybox"),
            Path.of("/usr/bin/busybox"), Path.of("/usr/local/bin/busybox"));
    private static final List<String> TOOLS = List.of("sh", "sleep", "cat", "echo", "env", "true", "false", "ls",
            "date", "hostname", "id", "dd", "head", "uname");
    /** ldd's lines: {@code libc.so.6 => /lib/libc.so.6 (0x…)} and {@code /lib64/ld-linux-x86-64.so.2 (0x…)}. */
    private static final Pattern LIBRARY = Pattern.compile("(?:=> |^\\s*)(/\\S+) \\(0x", Pattern.MULTILINE);
    private static final String PAGE = "<!doctype html><title>Dockworker</title><h1>It works.</h1>\n";
    private static final int EXECUTABLE = 0755;
    private static final int READABLE = 0644;

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes, "UTF-8");
    private final Set<String> written = new TreeSet<>();

    private LocalImage() {
        tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
    }

    /**
     * Builds the image and hands it to the engine under the name, in place of any image of that name.
     *
     * @param name with a tag or none, but without a digest
     * @throws EngineAway  if the engine did not take it
     * @throws IOException if this machine has not what is needed (a Linux with a shell)
     */
    public static void build(DockerEngine engine, ImageName name) throws IOException {
        build(engine, name, BUSYBOXES);
    }

    static void build(DockerEngine engine, ImageName name, List<Path> busyboxes) throws IOException {
        Optional<Path> busybox = busyboxes.stream().filter(Files::isExecutable).findFirst();
        var image = new LocalImage();
        // PID 1 has no default reaction to SIGTERM, so without the trap every stop would last its whole grace period.
        String job;
        if (busybox.isPresent()) {
            image.addBusybox(busybox.get());
            job = "httpd -f -p 80 -h /www";
        } else {
            image.addTools();
            job = "sleep 2147483647";
        }
        byte[] content = image.finish();
        image.load(engine, name, content, "trap 'exit 0' TERM INT; " + job + " & wait");
        LOG.info("made image {} of this machine's {} ({} files, {} KiB)", name,
                busybox.map(Path::toString).orElse("shell"), image.written.size(), content.length >> 10);
    }

    /**
     * Removes the image. That it is not there is fine.
     *
     * @throws EngineAway if the engine did not do so, since containers use it for example
     */
    public static void remove(DockerEngine engine, ImageName name) throws EngineAway {
        try {
            engine.link().ask(engine.deadlines().remove(),
                    () -> engine.link().client().removeImageCmd(name.normal()).exec());
        } catch (NotFoundException _) {
            LOG.debug("image {} was gone already", name);
        }
    }

    private void addBusybox(Path busybox) throws IOException {
        addProgram("bin/busybox", busybox);
        for (String applet : run(busybox.toString(), "--list").lines().toList()) {
            if (!applet.equals("busybox") && applet.matches("[\\w\\[.+-]+")) {
                var link = new TarArchiveEntry("bin/" + applet, TarConstants.LF_SYMLINK);
                link.setLinkName("busybox");
                tar.putArchiveEntry(link);
                tar.closeArchiveEntry();
            }
        }
        add("www/index.html", PAGE.getBytes(StandardCharsets.UTF_8), READABLE);
    }

    private void addTools() throws IOException {
        for (String tool : TOOLS) {
            Optional<Path> found = Stream.of("/bin/", "/usr/bin/").map(folder -> Path.of(folder + tool))
                    .filter(Files::isExecutable).findFirst();
            if (found.isPresent()) {
                addProgram("bin/" + tool, found.get());
            }
        }
        if (!written.contains("bin/sh")) {
            throw new IOException("no image can be made here: this machine has neither a busybox nor /bin/sh");
        }
    }

    /** Adds a program with the libraries that it loads. */
    private void addProgram(String name, Path program) throws IOException {
        add(name, Files.readAllBytes(program), EXECUTABLE);
        var libraries = LIBRARY.matcher(run("ldd", program.toString()));
        while (libraries.find()) {
            String library = libraries.group(1);
            // Read through links, and put where the loader looks: the image keeps no links of this machine.
            add(library.substring(1), Files.readAllBytes(Path.of(library)), EXECUTABLE);
        }
    }

    private void add(String name, byte[] content, int mode) throws IOException {
        if (written.add(name)) {
            var entry = new TarArchiveEntry(name);
            entry.setSize(content.length);
            entry.setMode(mode);
            tar.putArchiveEntry(entry);
            tar.write(content);
            tar.closeArchiveEntry();
        }
    }

    private byte[] finish() throws IOException {
        for (String folder : List.of("tmp/", "etc/", "var/", "root/")) {
            var entry = new TarArchiveEntry(folder);
            entry.setMode(folder.equals("tmp/") ? 01777 : EXECUTABLE);
            tar.putArchiveEntry(entry);
            tar.closeArchiveEntry();
        }
        tar.finish();
        return bytes.toByteArray();
    }

    private void load(DockerEngine engine, ImageName name, byte[] content, String script) throws EngineAway {
        String command = "CMD [\"sh\",\"-c\",\"" + script + "\"]";
        String path = "/images/create?fromSrc=-&repo=" + encode(name.normal()) + "&changes="
                + encode("ENV PATH=/bin:/usr/bin") + "&changes=" + encode("EXPOSE 80") + "&changes=" + encode(command);
        String answer = engine.link().ask(engine.deadlines().create(), () -> {
            try (Response response = engine.link().open(Request.Method.POST, path, new ByteArrayInputStream(content),
                    null)) {
                return new String(response.getBody().readAllBytes(), StandardCharsets.UTF_8);
            }
        });
        // The import answers 200 before it is done, and tells of a failure in the body.
        if (answer.contains("\"errorDetail\"")) {
            throw new EngineAway("the engine did not take the image " + name + ": " + answer.strip());
        }
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    /** What a program prints, whatever it returns: ldd fails for a static program, which then needs nothing. */
    private static String run(String... command) throws IOException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
}
