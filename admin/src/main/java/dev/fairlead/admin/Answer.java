package dev.fairlead.admin;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;

/// What a request is answered with. The content is made while it is sent: that of a hundred thousand endpoints is
/// never in memory as a whole.
record Answer(int status, String type, Content content) {
    static final String TEXT = "text/plain; charset=utf-8";
    private static final String JSON = "application/json";

    /// Writes the whole of it.
    @FunctionalInterface
    interface Content {
        void write(Writer to) throws IOException;
    }

    static Answer text(int status, String text) {
        return new Answer(status, TEXT, to -> to.write(text));
    }

    /// Lists of the tree may be such as are only made when they are gone through.
    static Answer json(int status, Object tree) {
        return new Answer(status, JSON, to -> Json.write(tree, to));
    }

    void send(HttpExchange exchange, Body body) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", type);
        exchange.getResponseHeaders().set("Cache-Control", "no-store");
        exchange.getResponseHeaders().set("X-Content-Type-Options", "nosniff");
        Writer writer = new OutputStreamWriter(body, StandardCharsets.UTF_8);
        content.write(writer);
        writer.flush();
        body.end();
    }
}
