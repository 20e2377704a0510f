package dev.fairlead.server;

import dev.fairlead.net.Transport;
import dev.fairlead.sys.DescriptorLimit;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/// What every start needs, whatever its file says, made while the file is read: Java's way out to Linux, and Netty's to
/// its sockets. Together they take as long as a small file does.
public final class HeadStart {
    private static volatile @Nullable Thread runner;

    private HeadStart() {}

    public static void begin() {
        // A logger that is asked for while another thread sets logging up is none that logs.
        LoggerFactory.getILoggerFactory();
        runner = Thread.ofPlatform().daemon().name("head-start").start(HeadStart::run);
    }

    private static void run() {
        DescriptorLimit.soft();
        Transport.best();
    }

    /// Before Netty is used: classes that two threads initialize in different orders may wait for each other.
    static void await() {
        Thread begun = runner;
        if (begun == null) {
            return;
        }
        try {
            begun.join();
        } catch (InterruptedException e) {
            // Whoever waits next is told.
            Thread.currentThread().interrupt();
        }
    }
}
