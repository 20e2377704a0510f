package dev.fairlead.admin;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// The admin API seen from a client: what the commands and the demo ask a running Fairlead. On the JDK's oldest
/// HTTP client, since that one loads fastest and a command asks once.
public final class AdminClient {
    private static final int CONNECT_MILLIS = 2_000;

    /// Above the longest reload: it waits for nothing but binds.
    private static final int READ_MILLIS = 30_000;

    private final String address;

    /// `address` is a host and port.
    public AdminClient(String address) {
        this.address = address;
    }

    public record Reply(int status, String body) {
        /// The body as tree of maps, lists and values.
        public Object tree() {
            return Objects.requireNonNull(Json.parse(body), "an empty answer");
        }
    }

    public List<Map<String, Object>> listeners() throws IOException {
        return objects(get("/listeners").tree());
    }

    public List<Map<String, Object>> upstreams() throws IOException {
        return objects(get("/upstreams").tree());
    }

    /// The endpoints of an upstream out of [#upstreams], and any other list of objects within an answer.
    @SuppressWarnings("unchecked") // The tree of a JSON text has string keys.
    public static List<Map<String, Object>> objects(Object list) {
        return (List<Map<String, Object>>) list;
    }

    /// Every series of the Prometheus page by its name and labels, as written there.
    public Map<String, Double> metrics() throws IOException {
        Map<String, Double> series = new HashMap<>();
        for (String line : get("/metrics").body().split("\n")) {
            int space = line.lastIndexOf(' ');
            if (!line.startsWith("#") && space > 0 && !line.endsWith("Inf")) {
                series.put(line.substring(0, space), Double.valueOf(line.substring(space + 1)));
            }
        }
        return series;
    }

    public Reply get(String path) throws IOException {
        return ask("GET", path, "");
    }

    public Reply post(String path) throws IOException {
        return ask("POST", path, "");
    }

    /// What would become of a request on the running process.
    public Reply explain(RequestQuestion question) throws IOException {
        return ask("POST", "/explain", question.form());
    }

    /// Has kept responses forgotten.
    public Reply purge(PurgeOrder order) throws IOException {
        return ask("POST", "/cache/purge", order.form());
    }

    private Reply ask(String method, String path, String form) throws IOException {
        var connection = (HttpURLConnection)
                URI.create("http://" + address + path).toURL().openConnection(Proxy.NO_PROXY);
        connection.setRequestMethod(method);
        connection.setConnectTimeout(CONNECT_MILLIS);
        connection.setReadTimeout(READ_MILLIS);
        int status;
        try {
            if (!form.isEmpty()) {
                connection.setDoOutput(true);
                try (OutputStream body = connection.getOutputStream()) {
                    body.write(form.getBytes(StandardCharsets.UTF_8));
                }
            }
            status = connection.getResponseCode();
        } catch (ConnectException refused) {
            throw new IOException(
                    "no Fairlead answers at " + address + "; is it running, and is this its admin address?");
        }
        try (InputStream body = status < 400 ? connection.getInputStream() : connection.getErrorStream()) {
            return new Reply(status, body == null ? "" : new String(body.readAllBytes(), StandardCharsets.UTF_8));
        }
    }
}
