package dev.fairlead.config;

/// Where answers are kept besides the memory, so that they are there after a restart, and when the memory is full.
public record CacheDiskSpec(
        @Key(
                value =
                        "A folder for this process alone; made if it is not there. What is in it may be deleted while Fairlead does not run.",
                form = Form.FILE,
                example = "/var/cache/fairlead")
        String folder,

        @Key(
                value =
                        "Bytes of all files together. When it is full, what is asked for least goes. About 100 bytes of heap are needed for each file.",
                absent = "1GiB",
                min = "1MiB",
                max = "16TiB",
                form = Form.SIZE)
        long size) {}
