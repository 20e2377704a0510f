package dev.fairlead.config;

import java.util.Collection;
import java.util.List;
import java.util.Locale;

/// The valid word that is nearest to a mistyped one, by edits (insert, delete, change, swap of neighbours).
final class Nearest {
    private static final int WORD_LENGTH_MAX = 64;

    private Nearest() {}

    /// `; did you mean ...?`, or nothing when no word is near.
    static String hint(String given, Collection<String> words) {
        String best = "";
        int least = Math.max(1, Math.min(3, given.length() / 2)) + 1;
        for (String word : words) {
            int edits = edits(given.toLowerCase(Locale.ROOT).replace('_', '-'), word.toLowerCase(Locale.ROOT));
            if (edits < least) {
                least = edits;
                best = word;
            }
        }
        return best.isEmpty() ? "" : "; did you mean `" + best + "`?";
    }

    /// `a`, `b` or `c`.
    static String list(List<String> words, String last) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < words.size(); i++) {
            text.append(i == 0 ? "" : i == words.size() - 1 ? " " + last + " " : ", ");
            text.append('`').append(words.get(i)).append('`');
        }
        return text.toString();
    }

    /// Optimal string alignment. Long words are not compared: no hint is worth quadratic time.
    static int edits(String a, String b) {
        if (a.length() > WORD_LENGTH_MAX || Math.abs(a.length() - b.length()) > 3) {
            return Integer.MAX_VALUE;
        }
        int[][] cost = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            cost[i][0] = i;
        }
        for (int j = 0; j <= b.length(); j++) {
            cost[0][j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            for (int j = 1; j <= b.length(); j++) {
                int change = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
                int best = Math.min(Math.min(cost[i - 1][j], cost[i][j - 1]) + 1, cost[i - 1][j - 1] + change);
                boolean swapped =
                        i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1);
                cost[i][j] = swapped ? Math.min(best, cost[i - 2][j - 2] + 1) : best;
            }
        }
        return cost[a.length()][b.length()];
    }
}
