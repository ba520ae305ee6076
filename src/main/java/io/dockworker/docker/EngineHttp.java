package io.dockworker.docker;

import com.github.dockerjava.core.LocalDirectorySSLConfig;
import com.github.dockerjava.transport.DockerHttpClient;
import com.github.dockerjava.transport.UnixSocket;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import javax.net.ssl.SSLContext;
import org.apache.hc.client5.http.SystemDefaultDnsResolver;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.DefaultSchemePortResolver;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.DefaultHttpClientConnectionOperator;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManager;
import org.apache.hc.client5.http.ssl.DefaultClientTlsStrategy;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.impl.io.HttpRequestExecutor;
import org.apache.hc.core5.http.io.HttpClientConnection;
import org.apache.hc.core5.http.io.HttpResponseInformationCallback;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.apache.hc.core5.http.io.entity.InputStreamEntity;
import org.apache.hc.core5.http.protocol.HttpContext;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.util.Timeout;

/**
 * Carries docker-java's requests, each one exactly as often as it was asked to: no retry, no redirect, and a fresh
 * connection each time. docker-java's own transport repeats a DELETE whose answer was lost and a POST that met a 503,
 * and has no switch for it; and on a pooled connection that the engine closed meanwhile nobody can tell whether the
 * request arrived. A connection to the socket costs some 0.1 ms.
 */
final class EngineHttp implements DockerHttpClient {
    /** Beyond any use; what limits calls is whoever makes them. */
    private static final int MAX_CONNECTIONS = 20_000;

    private final HttpHost target;
    private final PoolingHttpClientConnectionManager connections;
    private final CloseableHttpClient http;

    EngineHttp(DockerConnection engine) {
        URI address = engine.host();
        SSLContext tls = engine.tlsCertificates().map(EngineHttp::tls).orElse(null);
        target = engine.isSocket()
                ? new HttpHost("unix", "localhost", 1)
                : new HttpHost(tls == null ? "http" : "https", address.getHost(), address.getPort());
        var tlsStrategy = tls == null ? null : new DefaultClientTlsStrategy(tls);
        connections = new PoolingHttpClientConnectionManager(new DefaultHttpClientConnectionOperator(
                _ -> engine.isSocket() ? UnixSocket.get(address.getPath()) : new Socket(),
                DefaultSchemePortResolver.INSTANCE, SystemDefaultDnsResolver.INSTANCE,
                scheme -> scheme.equals("https") ? tlsStrategy : null), null, null, null, null);
        connections.setMaxTotal(MAX_CONNECTIONS);
        connections.setDefaultMaxPerRoute(MAX_CONNECTIONS);
        connections.setDefaultConnectionConfig(
                ConnectionConfig.custom().setConnectTimeout(Timeout.DISABLED).setSocketTimeout(Timeout.DISABLED)
                        .build());
        http = HttpClients.custom().setConnectionManager(connections).setRequestExecutor(new Announcing())
                .setDefaultRequestConfig(RequestConfig.custom().setResponseTimeout(Timeout.DISABLED).build())
                .setConnectionReuseStrategy((_, _, _) -> false).setUserAgent("dockworker").disableAutomaticRetries()
                .disableRedirectHandling().disableCookieManagement().disableAuthCaching().disableConnectionState()
                .build();
    }

    private static SSLContext tls(Path certificates) {
        SSLContext context = new LocalDirectorySSLConfig(certificates.toString()).getSSLContext();
        if (context == null) {
            throw new IllegalArgumentException(certificates + " lacks ca.pem, cert.pem or key.pem");
        }
        return context;
    }

    /** @throws UncheckedIOException if no answer came */
    @Override
    public Response execute(Request request) {
        var message = new HttpUriRequestBase(request.method(), URI.create(request.path()));
        request.headers().forEach(message::addHeader);
        byte[] bytes = request.bodyBytes();
        InputStream stream = bytes == null ? request.body() : null;
        if (bytes != null) {
            message.setEntity(new ByteArrayEntity(bytes, null));
        } else if (stream != null) {
            message.setEntity(new InputStreamEntity(stream, null));
        }
        try {
            return new Answered(message, http.executeOpen(target, message, null));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Cuts off whatever is still under way. */
    @Override
    public void close() {
        http.close(CloseMode.IMMEDIATE);
    }

    /** Tells the attempt, once connected, that its request goes out. */
    private static final class Announcing extends HttpRequestExecutor {
        @Override
        public ClassicHttpResponse execute(ClassicHttpRequest request, HttpClientConnection connection,
                HttpResponseInformationCallback information, HttpContext context) throws IOException, HttpException {
            if (Attempt.CURRENT.isBound()) {
                Attempt.CURRENT.get().sending();
            }
            return super.execute(request, connection, information, context);
        }
    }

    private record Answered(HttpUriRequestBase request, ClassicHttpResponse response) implements Response {
        @Override
        public int getStatusCode() {
            return response.getCode();
        }

        @Override
        public Map<String, List<String>> getHeaders() {
            var headers = new TreeMap<String, List<String>>(String.CASE_INSENSITIVE_ORDER);
            for (Header header : response.getHeaders()) {
                headers.computeIfAbsent(header.getName(), _ -> new ArrayList<>()).add(header.getValue());
            }
            return headers;
        }

        @Override
        public InputStream getBody() {
            try {
                return response.getEntity() == null
                        ? InputStream.nullInputStream()
                        : response.getEntity().getContent();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void close() {
            // Aborted first: closing a response alone would read a stream to its end, which may never come.
            request.abort();
            try {
                response.close();
            } catch (IOException _) {
                // The connection is cut either way, and what was needed of the answer has been read.
            }
        }
    }
}
