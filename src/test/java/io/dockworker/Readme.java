package io.dockworker;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The blocks of README.md, and where they stand. */
final class Readme {
    static final Path FILE = Path.of("README.md").toAbsolutePath();

    private Readme() {}

    /**
     * What stands between two fences.
     *
     * @param section the heading above it
     * @param line    of its first line in the file
     */
    record Block(String section, String language, int line, String text) {}

    static List<String> lines() {
        try {
            return Files.readAllLines(FILE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static List<Block> blocks(String language) {
        List<Block> blocks = new ArrayList<>();
        List<String> lines = lines();
        String section = "";
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i);
            if (line.startsWith("## ")) {
                section = line.substring(3);
            } else if (line.startsWith("```")) {
                int begin = i + 1;
                int end = begin;
                while (!lines.get(end).equals("```")) {
                    end++;
                }
                blocks.add(new Block(section, line.substring(3), begin + 1,
                        String.join("\n", lines.subList(begin, end)) + "\n"));
                i = end;
            }
        }
        return blocks.stream().filter(block -> block.language().equals(language)).toList();
    }
}
