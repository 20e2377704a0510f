package dev.fairlead.http.cache;

import dev.fairlead.http.cache.DiskFolder.Name;
import dev.fairlead.sys.MappedFile;

/// A file of the disk tier that bodies are sent from. It stays open, and on the disk even when its name is gone or
/// another's, until nobody uses it.
final class StoredFile extends Held {
    private final OpenFiles among;
    private final Name name;
    private final String key;
    private final MappedFile mapped;

    StoredFile(OpenFiles among, Name name, String key, MappedFile mapped) {
        this.among = among;
        this.name = name;
        this.key = key;
        this.mapped = mapped;
    }

    Name name() {
        return name;
    }

    String key() {
        return key;
    }

    MappedFile mapped() {
        return mapped;
    }

    @Override
    void giveBack() {
        among.over(this);
    }
}
