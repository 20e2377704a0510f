package dev.fairlead.bench.simulate;

import java.util.List;
import java.util.Locale;

/// Two bars for each result, p50 and p99, on a logarithmic axis of milliseconds: an SVG.
final class Plot {
    private static final int LEFT = 130;
    private static final int WIDTH = 560;
    private static final int TOP = 84;
    private static final int ROW = 40;
    private static final double LEAST = 1;
    private static final double MOST = 1_000;

    private Plot() {}

    static String svg(List<Simulation.Result> results) {
        int height = TOP + ROW * results.size();
        StringBuilder svg = new StringBuilder();
        add(svg, """
                <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 760 %d" font-family="system-ui, sans-serif" \
                font-size="13">
                <title>p50 and p99 latency of each balancer, one server of five five times as slow</title>
                <rect width="760" height="%d" fill="#ffffff"/>
                <text x="16" y="26" font-size="16" font-weight="600" fill="#1b2733">\
                One server of five is five times as slow</text>
                <text x="16" y="46" fill="#566573">Latency that clients see, milliseconds, logarithmic</text>
                <rect x="560" y="35" width="12" height="12" fill="#7fb3d5"/><text x="578" y="46" fill="#1b2733">p50</text>
                <rect x="630" y="35" width="12" height="12" fill="#1f618d"/><text x="648" y="46" fill="#1b2733">p99</text>
                """, height + 24, height + 24);
        for (double tick = LEAST; tick <= MOST; tick *= 10) {
            add(svg, """
                    <line x1="%1$.1f" y1="%2$d" x2="%1$.1f" y2="%3$d" stroke="#e1e6ea"/>
                    <text x="%1$.1f" y="%4$d" text-anchor="middle" fill="#566573">%5$,.0f</text>
                    """, x(tick), TOP - 8, height, TOP - 14, tick);
        }
        for (int i = 0; i < results.size(); i++) {
            Simulation.Result each = results.get(i);
            int y = TOP + i * ROW;
            add(svg, """
                    <text x="%d" y="%d" text-anchor="end" fill="#1b2733">%s</text>
                    """, LEFT - 10, y + 20, each.name());
            bar(svg, y + 3, each.p50Millis(), "#7fb3d5");
            bar(svg, y + 18, each.p99Millis(), "#1f618d");
        }
        return svg.append("</svg>\n").toString();
    }

    private static void bar(StringBuilder svg, int y, double millis, String colour) {
        add(svg, """
                <rect x="%d" y="%d" width="%.1f" height="13" fill="%s"/>
                <text x="%.1f" y="%d" font-size="11" fill="#1b2733">%,.0f</text>
                """, LEFT, y, x(millis) - LEFT, colour, x(millis) + 5, y + 11, millis);
    }

    private static double x(double millis) {
        double part = Math.log10(Math.max(LEAST, millis) / LEAST) / Math.log10(MOST / LEAST);
        return LEFT + WIDTH * Math.min(1, part);
    }

    private static void add(StringBuilder svg, String format, Object... values) {
        svg.append(String.format(Locale.ROOT, format, values));
    }
}
