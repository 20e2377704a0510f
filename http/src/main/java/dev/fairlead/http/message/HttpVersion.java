package dev.fairlead.http.message;

/// The version of HTTP that carried a request to us.
public enum HttpVersion {
    HTTP_1_0("HTTP/1.0"),
    HTTP_1_1("HTTP/1.1"),
    HTTP_2("HTTP/2.0"),
    HTTP_3("HTTP/3.0");

    private final String label;

    HttpVersion(String label) {
        this.label = label;
    }

    /// How logs call it.
    public String label() {
        return label;
    }
}
