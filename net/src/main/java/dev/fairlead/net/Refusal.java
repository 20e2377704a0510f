package dev.fairlead.net;

/// Why a connection is closed where it comes in.
enum Refusal {
    /// Not in `allow`, or in `deny`.
    DENIED("denied"),
    /// It must begin with a PROXY protocol header, and does not come from one who is believed.
    NO_PROXY("no-proxy"),
    ADDRESS_CONNECTIONS("address-connections"),
    ADDRESS_RATE("address-rate"),
    PREFIX_CONNECTIONS("prefix-connections"),
    PREFIX_RATE("prefix-rate"),
    /// The process has only those descriptors left that are kept for itself.
    DESCRIPTORS("descriptors");

    private final String word;

    Refusal(String word) {
        this.word = word;
    }

    String word() {
        return word;
    }
}
