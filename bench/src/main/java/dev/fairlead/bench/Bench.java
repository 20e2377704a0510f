package dev.fairlead.bench;

import java.io.IOException;

/// Runs the JMH benchmarks of this shed; arguments are JMH's own (a regular expression chooses benchmarks).
public final class Bench {
    private Bench() {}

    public static void main(String[] arguments) throws IOException {
        org.openjdk.jmh.Main.main(arguments);
    }
}
