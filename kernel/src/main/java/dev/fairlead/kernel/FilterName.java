package dev.fairlead.kernel;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What filters of clsact are called. With pins it is their directory, and whoever has them has the filter. Without,
/// nobody is kept from starting beside this process, perhaps in a container where processes have other numbers: then
/// the name is of one process.
final class FilterName {
    private static final String START = "fairlead ";
    private static final Pattern HELD =
            Pattern.compile("(?<pins>.*) (?<space>\\S+) (?<process>\\d{1,18}) (?<began>\\d{1,18})");

    private FilterName() {}

    static String pinned(Path pins) {
        return START + pins;
    }

    static String held(String pins) {
        Holder self = Holder.thisProcess();
        return START + pins + ' ' + namespace() + ' ' + self.process() + ' ' + self.began();
    }

    /// Names for a directory of pins, with a process behind them or without.
    static Predicate<String> anyOf(Path pins) {
        String name = pinned(pins);
        return found -> found.equals(name) || found.startsWith(name + ' ');
    }

    /// Whether its process, one of this namespace, is no more. Of others nobody here can tell.
    static boolean isOfTheDead(String name, String pins) {
        Matcher held = HELD.matcher(name);
        return held.matches()
                && held.group("pins").equals(START + pins)
                && held.group("space").equals(namespace())
                && !holder(held).isAlive();
    }

    /// The number of the process that has it, one of this namespace; null when none has that lives.
    static @Nullable Long living(String name) {
        Matcher held = HELD.matcher(name);
        return held.matches()
                        && held.group("space").equals(namespace())
                        && holder(held).isAlive()
                ? Long.valueOf(held.group("process"))
                : null;
    }

    private static Holder holder(Matcher held) {
        return new Holder(Long.parseLong(held.group("process")), Long.parseLong(held.group("began")));
    }

    private static String namespace() {
        try {
            return Files.readSymbolicLink(Path.of("/proc/self/ns/pid")).toString();
        } catch (IOException hidden) {
            return "pid:[?]";
        }
    }
}
