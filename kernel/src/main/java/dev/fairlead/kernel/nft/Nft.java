package dev.fairlead.kernel.nft;

import dev.fairlead.sys.Errno;
import dev.fairlead.sys.Nftables;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// Tells nftables what to do, and what it answers. Any thread. In the language of nft(8) and not in its JSON: either
/// way it is one transaction, and so the rules read here as the manual and `nft list ruleset` have them.
final class Nft implements AutoCloseable {
    /// EINTR: somebody else changed a table at the same time. libnftables says it in the system's language.
    private static final String AGAIN = Errno.text(-4);

    /// ENOENT.
    private static final String ABSENT = Errno.text(-2);

    private static final int TRIES = 20;
    private static final int COMPLAINT_MAX = 300;

    // guarded by this
    private final Nftables nftables;
    private boolean isClosed;

    private Nft(Nftables nftables) {
        this.nftables = nftables;
    }

    static Nft open() throws IOException {
        return new Nft(Nftables.open());
    }

    /// All of it, or nothing and an exception.
    synchronized void run(Script script) throws IOException {
        Nftables.Reply reply = ask(script.toString());
        if (reply.errors() != null) {
            throw new IOException("nftables: " + shortened(reply.errors()));
        }
    }

    /// What it prints; null when there is no such thing.
    synchronized @Nullable String list(String what) throws IOException {
        Nftables.Reply reply = ask("list " + what);
        if (reply.errors() != null && !reply.errors().contains(ABSENT)) {
            throw new IOException("nftables: " + shortened(reply.errors()));
        }
        return reply.errors() == null ? reply.output() : null;
    }

    private Nftables.Reply ask(String commands) throws IOException {
        if (isClosed) {
            throw new IOException("nftables: this process has let go of it");
        }
        Nftables.Reply reply = nftables.run(commands);
        for (int i = 1; i < TRIES && reply.errors() != null && reply.errors().contains(AGAIN); i++) {
            reply = nftables.run(commands);
        }
        return reply;
    }

    /// It shows the whole line that it did not like, which may have thousands of slots.
    private static String shortened(String complaint) {
        String line = complaint.lines().findFirst().orElse("").strip();
        return line.length() > COMPLAINT_MAX ? line.substring(0, COMPLAINT_MAX) : line;
    }

    @Override
    public synchronized void close() {
        if (!isClosed) {
            isClosed = true;
            nftables.close();
        }
    }
}
