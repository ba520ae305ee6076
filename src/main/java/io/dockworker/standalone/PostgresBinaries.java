package io.dockworker.standalone;

import java.io.BufferedInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.net.URLConnection;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.tukaani.xz.XZInputStream;

/** PostgreSQL's programs, unpacked from the class path once for each user: 60 MB that every data directory shares. */
record PostgresBinaries(Path home) {
    /** @param fallback used where the user's cache cannot be written */
    static PostgresBinaries unpack(Path fallback) throws IOException {
        String archive = archive();
        URL found = PostgresBinaries.class.getResource("/" + archive);
        if (found == null) {
            throw new FileNotFoundException("there is no PostgreSQL for " + System.getProperty("os.name") + " on "
                    + System.getProperty("os.arch") + " on the class path (" + archive
                    + "): set POSTGRES_URL to a server of your own");
        }
        URLConnection connection = found.openConnection();
        // The length tells one release from another, without reading the archive at every start.
        String name = "postgresql-" + connection.getContentLengthLong();
        Path home = place(fallback).resolve(name);
        try (InputStream in = connection.getInputStream()) {
            if (!Files.isDirectory(home)) {
                unpack(in, home);
            }
        }
        return new PostgresBinaries(home);
    }

    String program(String name) {
        return home.resolve("bin").resolve(name).toString();
    }

    private static String archive() {
        String processor = switch (System.getProperty("os.arch")) {
            case "amd64", "x86_64" -> "x86_64";
            case "aarch64" -> "arm_64";
            case String other -> other;
        };
        return "postgres-" + System.getProperty("os.name").toLowerCase(Locale.ROOT) + "-" + processor + ".txz";
    }

    private static Path place(Path fallback) throws IOException {
        Path cache = Optional.ofNullable(System.getenv("XDG_CACHE_HOME")).filter(value -> value.startsWith("/"))
                .map(Path::of).orElseGet(() -> Path.of(System.getProperty("user.home"), ".cache"))
                .resolve("dockworker");
        try {
            Files.createDirectories(cache);
            if (Files.isWritable(cache)) {
                return cache;
            }
        } catch (IOException _) {
            // No home, or one that is read-only: the data directory can be written, or nothing works at all.
        }
        return Files.createDirectories(fallback);
    }

    /** Whoever unpacks first wins: the directory appears whole or not at all, however many processes try. */
    private static void unpack(InputStream archive, Path home) throws IOException {
        Path fresh = Files.createTempDirectory(home.getParent(), "unpacking-");
        try {
            extract(archive, fresh);
            try {
                Files.move(fresh, home);
            } catch (FileAlreadyExistsException _) {
                // Another process was quicker, with the same result.
            }
        } finally {
            delete(fresh);
        }
    }

    private static void extract(InputStream archive, Path directory) throws IOException {
        try (var tar = new TarArchiveInputStream(new XZInputStream(new BufferedInputStream(archive)))) {
            for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                Path path = entry.resolveIn(directory);
                if (entry.isDirectory()) {
                    Files.createDirectories(path);
                } else if (entry.isSymbolicLink()) {
                    Files.createDirectories(path.getParent());
                    Files.createSymbolicLink(path, Path.of(entry.getLinkName()));
                } else if (!path.toString().endsWith(".a")) {
                    Files.createDirectories(path.getParent());
                    Files.copy(tar, path);
                    if ((entry.getMode() & 0100) != 0 && !path.toFile().setExecutable(true, false)) {
                        throw new IOException(path + " cannot be made executable");
                    }
                }
            }
        }
    }

    /** Deletes a directory with all that it holds; one that is not there is deleted already. */
    static void delete(Path directory) throws IOException {
        if (!Files.exists(directory)) {
            return;
        }
        try (Stream<Path> paths = Files.walk(directory)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
