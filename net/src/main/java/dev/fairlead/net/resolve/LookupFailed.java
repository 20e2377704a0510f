package dev.fairlead.net.resolve;

/// A question that DNS has not answered, or answered with no. Without a stack trace, which would only show Netty.
final class LookupFailed extends Exception {
    private static final long serialVersionUID = 1;

    LookupFailed(String message) {
        super(message, null, false, false);
    }
}
