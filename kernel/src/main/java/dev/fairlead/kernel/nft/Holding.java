package dev.fairlead.kernel.nft;

import dev.fairlead.kernel.Holder;
import java.io.IOException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Who has the table, and how often it has changed hands, as a comment in it says. `shape`: which versions of Fairlead
/// can go on with it.
record Holding(int shape, long generation, Holder holder) {
    /// Raised when another version would not find its way about the table.
    static final int SHAPE = 4;

    private static final Pattern COMMENT =
            Pattern.compile("Fairlead, shape (\\d+), generation (\\d+), process (\\d+) since (\\d+)");

    /// This process, as the first that has it.
    static Holding first() {
        return new Holding(SHAPE, 1, Holder.thisProcess());
    }

    /// Who has a table; null when there is none of ours.
    static @Nullable Holding of(Nft nft, String name) throws IOException {
        String listing = nft.list("chain inet " + name + " " + Skeleton.HOLDING);
        return listing == null ? null : in(listing);
    }

    /// What a listing of the table says; null when it does not.
    static @Nullable Holding in(String listing) {
        Matcher found = COMMENT.matcher(listing);
        return found.find()
                ? new Holding(
                        Integer.parseInt(found.group(1)),
                        Long.parseLong(found.group(2)),
                        new Holder(Long.parseLong(found.group(3)), Long.parseLong(found.group(4))))
                : null;
    }

    Holding after(Holding before) {
        return new Holding(shape, before.generation + 1, holder);
    }

    String comment() {
        return "Fairlead, shape %d, generation %d, process %d since %d"
                .formatted(shape, generation, holder.process(), holder.began());
    }
}
