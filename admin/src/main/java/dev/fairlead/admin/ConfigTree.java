package dev.fairlead.admin;

import dev.fairlead.config.AddressRange;
import dev.fairlead.config.Cidr;
import dev.fairlead.config.Config;
import dev.fairlead.config.EndpointAddress;
import dev.fairlead.config.FileContent;
import dev.fairlead.config.HttpListenerSpec;
import dev.fairlead.config.Inline;
import dev.fairlead.config.KeyName;
import dev.fairlead.config.ListenerSpec;
import dev.fairlead.config.MediaRange;
import dev.fairlead.config.ProbeSpec;
import dev.fairlead.config.SizeKey;
import dev.fairlead.config.StatusRange;
import dev.fairlead.config.TcpListenerSpec;
import dev.fairlead.config.UdpListenerSpec;
import java.lang.reflect.RecordComponent;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A config as the tree that its file would be, every default written out: JSON of it is a config file again.
final class ConfigTree {
    private ConfigTree() {}

    static Map<String, Object> of(Config config) {
        return record(config, false);
    }

    /// The keys of a record, in order. Under a map the record's own `name` is the map's key and no key of its own.
    private static Map<String, Object> record(Record record, boolean named) {
        Map<String, Object> tree = new LinkedHashMap<>();
        switch (record) {
            case ListenerSpec listener -> tree.put("protocol", protocol(listener));
            case ProbeSpec probe -> tree.put("protocol", probe.protocol());
            default -> {}
        }
        for (RecordComponent component : record.getClass().getRecordComponents()) {
            String name = component.getName();
            Object value = valueOf(component, record);
            if (value instanceof Record keys && Inline.is(component)) {
                tree.putAll(record(keys, false));
            } else if (value != null && !(name.equals("name") && (named || isMadeByPlace(value)))) {
                tree.put(
                        KeyName.of(component),
                        SizeKey.is(component) ? SizeKey.write(((Number) value).longValue()) : tree(value));
            }
        }
        return tree;
    }

    /// `web/1`: the name that a route without one has. A name that is written has no slash.
    private static boolean isMadeByPlace(Object name) {
        return name instanceof String text && text.indexOf('/') >= 0;
    }

    private static Object tree(Object value) {
        return switch (value) {
            case EndpointAddress address -> address.toString();
            case AddressRange range -> range.toString();
            case Cidr block -> block.toString();
            case MediaRange range -> range.toString();
            case FileContent file -> file.path();
            case Duration duration -> duration(duration);
            case StatusRange(int first, int last) -> first == last ? "" + first : first + "-" + last;
            case Enum<?> word -> word.name().toLowerCase(Locale.ROOT).replace('_', '-');
            case Record record -> record(record, false);
            case Map<?, ?> map -> {
                Map<String, Object> tree = new LinkedHashMap<>();
                map.forEach((name, item) ->
                        tree.put((String) name, item instanceof Record named ? record(named, true) : tree(item)));
                yield tree;
            }
            case List<?> list -> {
                // Made as it is gone through: there may be a hundred thousand endpoints.
                Iterable<Object> tree =
                        () -> list.stream().map(ConfigTree::tree).iterator();
                yield tree;
            }
            default -> value;
        };
    }

    private static String protocol(ListenerSpec listener) {
        return switch (listener) {
            case TcpListenerSpec _ -> "tcp";
            case UdpListenerSpec _ -> "udp";
            case HttpListenerSpec _ -> "http";
        };
    }

    private static @Nullable Object valueOf(RecordComponent component, Record record) {
        try {
            return component.getAccessor().invoke(record);
        } catch (ReflectiveOperationException impossible) {
            throw new LinkageError("config records are public", impossible);
        }
    }

    /// The greatest unit that the duration is a whole number of. Durations of the config are whole milliseconds.
    static String duration(Duration duration) {
        long millis = duration.toMillis();
        if (millis % 1000 != 0) {
            return millis + "ms";
        }
        long seconds = millis / 1000;
        if (seconds == 0 || seconds % 60 != 0) {
            return seconds + "s";
        }
        return seconds % 3600 == 0 ? seconds / 3600 + "h" : seconds / 60 + "m";
    }
}
