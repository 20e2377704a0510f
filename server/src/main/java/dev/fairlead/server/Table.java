package dev.fairlead.server;

import java.util.ArrayList;
import java.util.List;

/// Text in columns, each as wide as its widest cell; numbers stand to the right.
public final class Table {
    private final List<List<String>> rows = new ArrayList<>();

    public Table(String... heads) {
        rows.add(List.of(heads));
    }

    public void row(List<String> cells) {
        rows.add(List.copyOf(cells));
    }

    @Override
    public String toString() {
        var text = new StringBuilder();
        for (List<String> row : rows) {
            var line = new StringBuilder();
            for (int column = 0; column < row.size(); column++) {
                cell(line, row.get(column), width(column), isNumeric(column));
            }
            text.append(line.toString().stripTrailing()).append('\n');
        }
        return text.toString();
    }

    private static void cell(StringBuilder line, String cell, int width, boolean right) {
        String space = " ".repeat(width - cell.length());
        line.append(right ? space : "").append(cell).append(right ? "" : space).append("  ");
    }

    private int width(int column) {
        return rows.stream().mapToInt(row -> row.get(column).length()).max().orElse(0);
    }

    private boolean isNumeric(int column) {
        return rows.size() > 1
                && rows.stream().skip(1).allMatch(row -> row.get(column).matches("<?[0-9.,]+( ?[a-z/%]+)?|-"));
    }
}
