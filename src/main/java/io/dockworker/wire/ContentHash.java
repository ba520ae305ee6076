package io.dockworker.wire;

import io.dockworker.command.Digests;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/**
 * SHA-256 of what a command asks for, without who sent it and how: two records with equal hashes are the same command.
 *
 * @param hex 64 lower-case digits
 */
public record ContentHash(String hex) {
    static ContentHash of(String canonical) {
        return new ContentHash(
                HexFormat.of().formatHex(Digests.sha256(canonical.getBytes(StandardCharsets.UTF_8))));
    }

    /** The 32 bytes, a new array each time. */
    public byte[] bytes() {
        return HexFormat.of().parseHex(hex);
    }

    @Override
    public String toString() {
        return hex;
    }
}
