package dev.fairlead.config;

import org.jspecify.annotations.Nullable;

/// Where answers are kept that routes with a `cache` may use again. All listeners share it.
public record CacheStoreSpec(
        @Key(
                value =
                        "Memory for kept answers, heads included. When it is full, what is asked for least goes (W-TinyLFU). Bodies from 8 KiB on are outside of the heap (twice as much at most, with what is still being sent), all else is in it. 64MiB are some 30,000 answers of 1 KiB.",
                absent = "64MiB",
                min = "1MiB",
                max = "64GiB",
                form = Form.SIZE)
        long memory,

        @Key(value = "A folder for what is kept besides. Absent: there is the memory only.", optional = true) @Nullable
        CacheDiskSpec disk) {
    public static final CacheStoreSpec DEFAULT = new CacheStoreSpec(64L << 20, null);
}
