package dev.fairlead.kernel.nft;

/// Commands for one table in the words of nft(8), gathered for one transaction.
final class Script {
    private final StringBuilder text = new StringBuilder();
    private final String table;
    private int rules;

    Script(String table) {
        this.table = "inet " + table;
    }

    private Script(Script like) {
        this.table = like.table;
    }

    /// An empty one for the same table.
    Script another() {
        return new Script(this);
    }

    void append(Script other) {
        text.append(other.text);
        rules += other.rules;
    }

    /// Of a kind of thing in the table: there from now on, as it is when it was there before.
    void add(String kind, String name, String content) {
        command("add " + kind, name, content.isEmpty() ? "" : "{ " + content + "}");
    }

    /// An empty chain.
    void chain(String name) {
        add("chain", name, "");
        flush(name);
    }

    /// An empty chain that packets come through at `place`.
    void chain(String name, String place) {
        add("chain", name, place + "; ");
        flush(name);
    }

    private void flush(String chain) {
        command("flush chain", chain, "");
    }

    void rule(String chain, String rule) {
        command("add rule", chain, rule);
        rules++;
    }

    /// How many it adds.
    int rules() {
        return rules;
    }

    void put(String set, String element) {
        command("add element", set, "{ " + element + " }");
    }

    void take(String set, String element) {
        command("delete element", set, "{ " + element + " }");
    }

    void delete(String kind, String name) {
        command("delete " + kind, name, "");
    }

    /// About the table itself.
    void table(String verb) {
        text.append(verb).append(" table ").append(table).append('\n');
    }

    private void command(String verb, String name, String rest) {
        text.append(verb).append(' ').append(table).append(' ').append(name);
        text.append(rest.isEmpty() ? "" : " ").append(rest).append('\n');
    }

    boolean isEmpty() {
        return text.isEmpty();
    }

    @Override
    public String toString() {
        return text.toString();
    }
}
