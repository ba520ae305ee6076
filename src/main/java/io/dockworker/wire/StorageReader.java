package io.dockworker.wire;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dockworker.command.InvalidValue;
import io.dockworker.command.StorageSpec;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** Reads what a container may write to. */
final class StorageReader {
    private static final int MAX_PATH = 4_096;
    /** Those of tmpfs(5) and mount(8) that the engine lets through. */
    private static final Pattern TMPFS_OPTION = Pattern.compile("ro|rw|(?:no)?(?:exec|suid|dev|atime|diratime)"
            + "|(?:no)?relatime|(?:no)?strictatime|(?:a)?sync|dirsync|(?:no)?mand|r?(?:shared|private|slave|unbindable)"
            + "|r?bind|defaults|size=[0-9]+[kKmMgG%]?|nr_(?:inodes|blocks)=[0-9]+[kKmMgG]?|mode=[0-7]{1,4}"
            + "|[ug]id=[0-9]+|mpol=.+");

    private StorageReader() {}

    static StorageSpec read(Fields fields) {
        Map<String, String> mounted = new HashMap<>();
        List<StorageSpec.Volume> volumes = volumes(fields, mounted);
        List<String> tmpfs = NetworkReader.oneOrMore(fields, "tmpfs", text -> tmpfs(text, mounted));
        return new StorageSpec(volumes, tmpfs, fields.flag("read_only", false));
    }

    private static String tmpfs(String text, Map<String, String> mounted) {
        String[] parts = text.split(":", 2);
        if (!parts[0].startsWith("/") || parts[0].length() > MAX_PATH || Text.hasControls(text)) {
            throw new InvalidValue("write an absolute path, as in \"/run\" or \"/run:size=64m\"");
        }
        if (parts.length > 1) {
            for (String option : parts[1].split(",", -1)) {
                if (!TMPFS_OPTION.matcher(option).matches()) {
                    throw new InvalidValue("`" + Text.shown(option, 64)
                            + "` is no option of a tmpfs: write as in \"/run:size=64m,mode=1777,noexec\"");
                }
            }
        }
        checkFree(mounted, parts[0]);
        return text;
    }

    /** The engine compares paths as they are when cleaned, and refuses what is mounted twice. */
    private static void checkFree(Map<String, String> mounted, String target) {
        String clean = clean(target);
        if (clean.equals("/")) {
            throw new InvalidValue("the root of the container cannot be mounted over: choose a directory in it");
        }
        String other = mounted.putIfAbsent(clean, target);
        if (other != null) {
            throw new InvalidValue("something is mounted at " + Text.shown(other, 200) + " already");
        }
    }

    /** By hand: Java's own paths are of this host, and in a locale such as POSIX they can't bear every name. */
    private static String clean(String path) {
        Deque<String> steps = new ArrayDeque<>();
        for (String step : path.split("/", -1)) {
            switch (step) {
                case "", "." -> {
                    // Stays where it is.
                }
                case ".." -> steps.pollLast();
                default -> steps.addLast(step);
            }
        }
        return "/" + String.join("/", steps);
    }

    private static List<StorageSpec.Volume> volumes(Fields fields, Map<String, String> mounted) {
        List<StorageSpec.Volume> volumes = new ArrayList<>();
        fields.find("volumes").ifPresent(array -> {
            String example = "[{\"type\": \"volume\", \"source\": \"data\", \"target\": \"/data\"}]";
            if (!array.isArray()) {
                throw new InvalidField(fields.at("volumes"), "write an array, as in " + example + ", not "
                        + Fields.kind(array));
            }
            for (JsonNode element : array) {
                String at = fields.at("volumes") + "/" + volumes.size();
                if (!(element instanceof ObjectNode object)) {
                    throw new InvalidField(at, "write an object, as in " + example + ", not " + Fields.kind(element));
                }
                volumes.add(volume(new Fields(at, object), mounted));
            }
        });
        return volumes;
    }

    private static StorageSpec.Volume volume(Fields fields, Map<String, String> mounted) {
        FieldNames.check(FieldNames.VOLUME, fields);
        StorageSpec.Volume.Type type = fields
                .text("type", text -> Words.parse(text, StorageSpec.Volume.Type.values()))
                .orElse(StorageSpec.Volume.Type.VOLUME);
        String target = fields.word("target", MAX_PATH)
                .orElseThrow(() -> new InvalidField(fields.at("target"), "give the path in the container"));
        Fields.valid(fields.at("target"), () -> {
            var anonymous = new StorageSpec.Volume(StorageSpec.Volume.Type.VOLUME, "", target, false);
            checkFree(mounted, target);
            return anonymous;
        });
        String source = fields.word("source", MAX_PATH).orElse("");
        boolean readOnly = fields.flag("read_only", false);
        return Fields.valid(fields.at("source"), () -> new StorageSpec.Volume(type, source, target, readOnly));
    }
}
