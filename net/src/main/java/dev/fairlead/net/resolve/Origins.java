package dev.fairlead.net.resolve;

import dev.fairlead.config.ResolverSpec;

/// Who asks a source. Control thread.
interface Origins extends AutoCloseable {
    Discovery of(Source source);

    /// New settings for whoever asks DNS, those of before included.
    void follow(ResolverSpec spec);

    @Override
    void close();
}
