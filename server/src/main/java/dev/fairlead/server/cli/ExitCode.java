package dev.fairlead.server.cli;

/// What the process tells its caller by its exit status.
final class ExitCode {
    static final int OK = 0;

    /// The config has problems, one of its tests failed, or a reload was refused; or something failed that nobody
    /// expected: picocli's choice, too.
    static final int REFUSED = 1;

    /// The command line was wrong: picocli's own choice.
    static final int USAGE = 2;

    /// An address is taken, a file cannot be opened, the admin API does not answer.
    static final int UNAVAILABLE = 3;

    private ExitCode() {}
}
