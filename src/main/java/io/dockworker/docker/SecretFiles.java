package io.dockworker.docker;

import io.dockworker.command.ErrorCode;
import io.dockworker.command.Failure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Secrets that this host keeps: a directory with one file each, named as commands refer to them. They are read when they
 * are needed, so that a changed one counts from then on, and are never kept, logged or sent but to the engine.
 */
record SecretFiles(Path directory) {
    /** A secret cannot be had; the failure says which, and the mend. */
    static final class Missing extends Exception {
        private static final long serialVersionUID = 1L;
        private final transient Failure failure;

        Missing(Failure failure) {
            super(failure.message(), null, false, false);
            this.failure = failure;
        }

        Failure failure() {
            return failure;
        }
    }

    /** @param pointer the field that refers to it */
    String read(String name, String pointer) throws Missing {
        Path file = directory.resolve(name);
        try {
            String text = Files.readString(file);
            return text.endsWith("\n") ? text.substring(0, text.length() - 1) : text;
        } catch (NoSuchFileException _) {
            throw new Missing(Failure.at(pointer, ErrorCode.NOT_FOUND,
                    "this host keeps no secret " + name + ": put it into the file " + file));
        } catch (IOException e) {
            throw new Missing(Failure.at(pointer, ErrorCode.NOT_FOUND,
                    "the secret " + name + " cannot be read: " + e.getMessage()));
        }
    }

    /** @param references secrets by variable */
    Map<String, String> variables(Map<String, String> references) throws Missing {
        Map<String, String> values = new LinkedHashMap<>();
        for (Map.Entry<String, String> reference : references.entrySet()) {
            values.put(reference.getKey(),
                    read(reference.getValue(),
                            "/secret_refs/" + reference.getKey().replace("~", "~0").replace("/", "~1")));
        }
        return values;
    }
}
