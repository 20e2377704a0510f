package dev.fairlead.net.resolve;

/// A question that DNS has not answered, or answered with no. Without a stack trace, which would only show Netty.
final class LookupFailed extends Exception {
    private static final long serialVersionUID = 1;

    private final boolean isAbsence;

    LookupFailed(String message) {
        this(message, false);
    }

    private LookupFailed(String message, boolean isAbsence) {
        super(message, null, false, false);
        this.isAbsence = isAbsence;
    }

    /// DNS has answered, and says that there is no such name.
    static LookupFailed absent(String name) {
        return new LookupFailed(name + " does not exist (NXDOMAIN)", true);
    }

    boolean isAbsence() {
        return isAbsence;
    }
}
