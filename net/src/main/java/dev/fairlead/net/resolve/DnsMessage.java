package dev.fairlead.net.resolve;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.CorruptedFrameException;
import io.netty.handler.codec.dns.DefaultDnsRecordDecoder;
import io.netty.handler.codec.dns.DnsRawRecord;
import io.netty.handler.codec.dns.DnsRecord;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.handler.codec.dns.DnsResponse;
import io.netty.handler.codec.dns.DnsSection;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// Reads what a DNS server sent. It looks at the message and keeps nothing of it. What a record should not hold is
/// passed over: the rest of the answer may still be good.
final class DnsMessage {
    /// Aliases of aliases: more is a loop, or a mistake.
    private static final int ALIASES_MAX = 8;

    /// At the end of the aliases that the answer has: the name, and the values of the asked type that it has there.
    record Reached<T>(String name, List<T> values, long ttlSeconds) {}

    private interface Reader<T> {
        void read(ByteBuf content, List<T> into) throws UnknownHostException;
    }

    private DnsMessage() {}

    /// Name and address are those of an A or AAAA question.
    static Reached<InetAddress> peekAddresses(DnsResponse response, String name, DnsRecordType type) {
        return peek(response, name, type, (content, into) -> {
            int length = type.equals(DnsRecordType.A) ? 4 : 16;
            if (content.readableBytes() == length) {
                byte[] bytes = new byte[length];
                content.readBytes(bytes);
                InetAddress address = InetAddress.getByAddress(bytes);
                if (!address.isAnyLocalAddress() && !address.isMulticastAddress()) {
                    into.add(address);
                }
            }
        });
    }

    static Reached<SrvRecord> peekServices(DnsResponse response, String name) {
        return peek(response, name, DnsRecordType.SRV, (content, into) -> {
            if (content.readableBytes() > 6) {
                into.add(new SrvRecord(
                        content.readUnsignedShort(),
                        content.readUnsignedShort(),
                        content.readUnsignedShort(),
                        plain(DefaultDnsRecordDecoder.decodeName(content))));
            }
        });
    }

    private static <T> Reached<T> peek(DnsResponse response, String asked, DnsRecordType type, Reader<T> reader) {
        String name = plain(asked);
        long ttl = Long.MAX_VALUE;
        for (int i = 0; i < ALIASES_MAX; i++) {
            DnsRawRecord alias = alias(response, name);
            if (alias == null) {
                break;
            }
            ttl = Math.min(ttl, alias.timeToLive());
            name = nameIn(alias);
        }
        List<T> values = new ArrayList<>();
        for (DnsRawRecord record : answers(response)) {
            if (record.type().equals(type) && plain(record.name()).equals(name)) {
                ttl = Math.min(ttl, record.timeToLive());
                read(record, reader, values);
            }
        }
        return new Reached<>(name, values, ttl);
    }

    private static <T> void read(DnsRawRecord record, Reader<T> reader, List<T> values) {
        try {
            reader.read(record.content().duplicate(), values);
        } catch (CorruptedFrameException | IndexOutOfBoundsException | UnknownHostException broken) {
            // Passed over.
        }
    }

    private static @org.jspecify.annotations.Nullable DnsRawRecord alias(DnsResponse response, String name) {
        for (DnsRawRecord record : answers(response)) {
            if (record.type().equals(DnsRecordType.CNAME)
                    && plain(record.name()).equals(name)) {
                return record;
            }
        }
        return null;
    }

    private static String nameIn(DnsRawRecord alias) {
        try {
            return plain(DefaultDnsRecordDecoder.decodeName(alias.content().duplicate()));
        } catch (CorruptedFrameException | IndexOutOfBoundsException broken) {
            return plain(alias.name());
        }
    }

    private static List<DnsRawRecord> answers(DnsResponse response) {
        List<DnsRawRecord> records = new ArrayList<>();
        for (int i = 0; i < response.count(DnsSection.ANSWER); i++) {
            DnsRecord record = response.recordAt(DnsSection.ANSWER, i);
            if (record instanceof DnsRawRecord raw) {
                records.add(raw);
            }
        }
        return records;
    }

    /// Netty ends names with a dot; DNS tells no case apart.
    private static String plain(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        return lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
    }
}
