package dev.fairlead.config;

import java.util.List;

/// One certificate that Fairlead gets by itself.
@Scalar("names")
public record AcmeCertificateSpec(
        @Key(
                value =
                        "The host names that it is for. Each is proven to be ours; the first gives the file its name. A wildcard cannot be proven by any challenge that Fairlead answers.",
                orOne = true,
                form = Form.SERVER_NAME,
                example = "[app.example.com, www.example.com]")
        List<String> names) {
    public AcmeCertificateSpec {
        names = List.copyOf(names);
    }

    /// How it is called, in its folder and wherever it is spoken of.
    public String name() {
        return names.getFirst();
    }
}
