package dev.fairlead.http.filter;

import dev.fairlead.config.TemplateText;
import dev.fairlead.config.TemplateText.Part;
import dev.fairlead.config.TemplateText.Variable;
import dev.fairlead.http.exchange.Client;
import dev.fairlead.http.message.Bytes;
import dev.fairlead.http.message.FieldName;
import dev.fairlead.http.message.Fields;
import dev.fairlead.http.message.RequestHead;
import dev.fairlead.net.tls.TlsSession;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// A field value with variables, made ready for the loops. What it puts can never hold a control character: texts are
/// checked with the config, an address and an id have none, those of a host were refused with the request, and those of
/// a certificate are escaped. Immutable.
final class Template {
    private final List<Part> parts;
    private final byte[][] texts;

    Template(String text) {
        this.parts = TemplateText.parts(text);
        this.texts = new byte[parts.size()][];
        for (int i = 0; i < texts.length; i++) {
            texts[i] = parts.get(i) instanceof Part.Text(String plain)
                    ? plain.getBytes(StandardCharsets.US_ASCII)
                    : new byte[0];
        }
    }

    private static String told(Variable variable, TlsSession tls) {
        return switch (variable) {
            case SNI -> tls.sni() == null ? "" : tls.sni();
            case TLS_VERSION -> tls.version();
            case CLIENT_SUBJECT -> tls.clientSubject();
            case CLIENT_NAMES -> tls.clientNames();
            case CLIENT_FINGERPRINT -> tls.clientFingerprint();
            case CLIENT, HOST, REQUEST_ID, ROUTE -> throw new IllegalArgumentException("not of TLS: " + variable);
        };
    }

    void put(RequestHead request, Client client, String route, Bytes out) {
        for (int i = 0; i < texts.length; i++) {
            switch (parts.get(i)) {
                case Part.Text _ -> out.put(texts[i]);
                case Part.Fact(var variable) -> {
                    Fields fields = request.fields();
                    switch (variable) {
                        case CLIENT -> out.put(client.ip());
                        case HOST -> out.put(fields.bytes(), request.authorityStart(), request.authorityEnd());
                        case REQUEST_ID -> {
                            int id = fields.find(FieldName.X_REQUEST_ID);
                            if (id >= 0) {
                                out.put(fields.bytes(), fields.valueStart(id), fields.valueEnd(id));
                            }
                        }
                        case ROUTE -> out.put(route);
                        case SNI, TLS_VERSION, CLIENT_SUBJECT, CLIENT_NAMES, CLIENT_FINGERPRINT -> {
                            if (client.tls() != null) {
                                out.put(told(variable, client.tls()));
                            }
                        }
                    }
                }
            }
        }
    }
}
