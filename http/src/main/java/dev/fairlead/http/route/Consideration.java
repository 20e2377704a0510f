package dev.fairlead.http.route;

import dev.fairlead.config.Condition;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// How one route sees one request, by one of its alternatives: the first condition that does not hold (null when all
/// do), and whether it wins.
public record Consideration(
        String route,
        int priority,
        List<Condition> conditions,
        @Nullable Condition failed,
        boolean isWinner) {}
