package dev.fairlead.net.resolve;

import dev.fairlead.config.ResolverSpec;
import io.netty.handler.codec.dns.DnsRecordType;
import java.net.InetAddress;
import java.util.concurrent.CompletionStage;

/// Who answers questions about names now, and by which settings.
interface Resolver {
    ResolverSpec spec();

    /// The addresses of the name; of a type that it has not, none. Fails with [LookupFailed].
    CompletionStage<Records<InetAddress>> addresses(String name, DnsRecordType type);

    /// The SRV records of the name. Fails with [LookupFailed].
    CompletionStage<Records<SrvRecord>> services(String name);
}
