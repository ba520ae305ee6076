package io.dockworker.docker;

import com.github.dockerjava.api.exception.DockerException;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.transport.DockerHttpClient.Request;
import com.github.dockerjava.transport.DockerHttpClient.Response;
import io.dockworker.command.ContainerId;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalInt;

/** Reads what containers have written, as plain bytes. */
public final class ContainerLogs {
    private final DockerEngine engine;

    public ContainerLogs(DockerEngine engine) {
        this.engine = engine;
    }

    /** What became of an attempt to read. */
    public sealed interface Opening {
        /** @param bytes to be closed; an interrupt frees a thread that waits for more */
        record Opened(InputStream bytes) implements Opening {}

        record Absent() implements Opening {}

        /** The engine does not keep this container's log, and says why. */
        record NotKept(String message) implements Opening {}
    }

    /**
     * Opens a log.
     *
     * @param tail   the last lines only
     * @param since  what was written from then on
     * @param follow goes on until the container ends
     * @throws EngineAway if the engine gave no usable answer
     */
    public Opening open(ContainerId container, OptionalInt tail, Optional<Instant> since, boolean timestamps,
            boolean follow) throws EngineAway {
        String path = "/containers/" + container + "/logs?stdout=true&stderr=true&timestamps=" + timestamps + "&follow="
                + follow + "&tail=" + (tail.isPresent() ? Integer.toString(tail.getAsInt()) : "all")
                + since.map(time -> "&since=%d.%09d".formatted(time.getEpochSecond(), time.getNano())).orElse("");
        EngineLink link = engine.link();
        try {
            return link.ask(engine.deadlines().quick(), () -> {
                boolean terminal = Boolean.TRUE.equals(
                        link.client().inspectContainerCmd(container.value()).exec().getConfig().getTty());
                try {
                    Response response = link.open(Request.Method.GET, path, null, null);
                    return new Opening.Opened(terminal ? new Whole(response) : new Frames(response));
                } catch (NotFoundException e) {
                    throw e;
                } catch (DockerException e) {
                    // As for a log driver that only writes: 500 or 501, depending on the engine's age.
                    return new Opening.NotKept(EngineLink.message(e));
                }
            });
        } catch (NotFoundException _) {
            return new Opening.Absent();
        }
    }

    /** A terminal's output, which the engine passes on as it is. */
    private static class Whole extends FilterInputStream {
        private final Response response;

        Whole(Response response) {
            super(response.getBody());
            this.response = response;
        }

        @Override
        public void close() throws IOException {
            response.close();
        }
    }

    /** Two outputs in one stream: before each piece stand its output's number and, in the last four of 8 bytes, its length. */
    private static final class Frames extends Whole {
        private static final int HEADER = 8;

        private long left;

        Frames(Response response) {
            super(response);
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            while (left == 0) {
                byte[] header = in.readNBytes(HEADER);
                if (header.length < HEADER) {
                    return -1;
                }
                left = Integer.toUnsignedLong(ByteBuffer.wrap(header).getInt(4));
            }
            int read = in.read(bytes, offset, (int) Math.min(length, left));
            left -= Math.max(read, 0);
            return read;
        }
    }
}
