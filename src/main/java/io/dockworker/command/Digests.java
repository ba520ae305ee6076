package io.dockworker.command;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** The one digest that Dockworker uses. */
public final class Digests {
    private Digests() {}

    /** SHA-256, which every Java runtime has. */
    public static byte[] sha256(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
