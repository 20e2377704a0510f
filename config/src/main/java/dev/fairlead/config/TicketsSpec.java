package dev.fairlead.config;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// How sessions are resumed. The server keeps nothing: a client holds its session itself, encrypted for the server.
public record TicketsSpec(
        @Key(
                value =
                        "Whether tickets are given out and taken. Without them every connection makes the whole handshake.",
                absent = "true")
        boolean enabled,

        @Key(
                value =
                        "How often the key changes by which tickets are encrypted. Those of the last two keys are still taken, so a ticket is good for two to three times as long; whoever steals the keys of a process can read what such tickets resumed. Unused with `keys-file`.",
                absent = "12h",
                min = "1m",
                max = "7d")
        Duration rotation,

        @Key(
                value =
                        "A file of secrets, one a line, in hexadecimal, of 32 octets or more, as `openssl rand -hex 32` makes them. The first encrypts, all decrypt. Nodes that share the file take each other's tickets; put a new secret first, and drop the last, as often as you like: the file is looked at every second. Absent: each process makes its own.",
                optional = true,
                form = Form.FILE,
                example = "/run/fairlead/tickets")
        @Nullable
        String keysFile) {}
