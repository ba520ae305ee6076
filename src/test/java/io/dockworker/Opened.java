package io.dockworker;

import java.util.ArrayDeque;
import java.util.Deque;

/** What a test has opened, closed in reverse, also where not all of it could be opened. */
final class Opened {
    private final Deque<Part> parts = new ArrayDeque<>();

    /** Something to be undone. */
    interface Part {
        void close() throws Exception;
    }

    <T extends AutoCloseable> T own(T part) {
        parts.push(part::close);
        return part;
    }

    void atTheEnd(Part undoing) {
        parts.push(undoing);
    }

    public void close() throws Exception {
        Exception first = null;
        for (Part part : parts) {
            try {
                part.close();
            } catch (Exception e) {
                first = first == null ? e : first;
            }
        }
        if (first != null) {
            throw first;
        }
    }
}
