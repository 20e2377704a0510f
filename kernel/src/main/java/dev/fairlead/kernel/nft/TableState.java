package dev.fairlead.kernel.nft;

import java.io.IOException;

/// What tells that nobody else has changed a table: linux/netfilter/nf_tables.h. `handle`: its number, another one when
/// it was made anew; 0 when it is not there. `uses`: chains, sets and counters in it.
record TableState(long handle, int uses, int rules) {
    private static final int NFPROTO_INET = 1;
    private static final int SUBSYSTEM = 10 << 8;
    private static final int GET_TABLE = SUBSYSTEM | 1;
    private static final int GET_RULE = SUBSYSTEM | 7;
    private static final int GET_GENERATION = SUBSYSTEM | 16;

    private static final int TABLE_NAME = 1;
    private static final int TABLE_USE = 3;
    private static final int TABLE_HANDLE = 4;
    private static final int RULE_TABLE = 1;

    static TableState of(Netfilter netfilter, String name) throws IOException {
        long[] handle = {0};
        int[] counts = {0, 0};
        netfilter.each(new Request(GET_TABLE, NFPROTO_INET), table -> {
            String its = "";
            int uses = 0;
            long number = 0;
            while (table.next()) {
                switch (table.type()) {
                    case TABLE_NAME -> its = table.text();
                    case TABLE_USE -> uses = table.i32();
                    case TABLE_HANDLE -> number = table.i64();
                    default -> {}
                }
            }
            if (its.equals(name)) {
                handle[0] = number;
                counts[0] = uses;
            }
        });
        if (handle[0] != 0) {
            netfilter.each(new Request(GET_RULE, NFPROTO_INET).text(RULE_TABLE, name), _ -> counts[1]++);
        }
        return new TableState(handle[0], counts[0], counts[1]);
    }

    /// A number that each change of any table by anybody raises.
    static int generation(Netfilter netfilter) throws IOException {
        int[] found = {0};
        netfilter.one(new Request(GET_GENERATION, 0), generation -> {
            while (generation.next()) {
                if (generation.type() == 1) {
                    found[0] = generation.i32();
                }
            }
        });
        return found[0];
    }
}
