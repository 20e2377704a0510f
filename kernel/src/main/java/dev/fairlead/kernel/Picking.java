package dev.fairlead.kernel;

import static dev.fairlead.kernel.bpf.Code.entry;
import static dev.fairlead.kernel.bpf.Code.result;

import dev.fairlead.kernel.bpf.Area;
import dev.fairlead.kernel.bpf.Base.Pointer;
import dev.fairlead.kernel.bpf.Code;
import dev.fairlead.kernel.bpf.Helper;
import dev.fairlead.kernel.bpf.Value;
import dev.fairlead.kernel.bpf.Value.Place;
import dev.fairlead.kernel.bpf.Verdict;
import java.util.Iterator;

/// The part of a program that finds whose listener an address is, and which of its endpoints is next.
final class Picking {
    /// The constants of [dev.fairlead.upstream.balance.Hash]: every node and every carrier hashes alike.
    private static final long HASH_START = 0xcbf29ce484222325L;

    private static final long HASH_PRIME = 0x100000001b3L;
    private static final long MIX_1 = 0xbf58476d1ce4e5b9L;
    private static final long MIX_2 = 0x94d049bb133111ebL;

    /// A turn is told from a hash by its upper half, which it has not got: once in so many turns the round is uneven.
    private static final long TURN_BITS = 0xffffffffL;

    private final Code code;
    private final SharedMaps shared;
    private final FamilyMaps maps;
    private final ServiceEntry services = ServiceEntry.ENTRY;
    private final Features features;

    private final Area listener;
    private final Place service;
    private final Place slot;
    private final Place endpoint;

    Picking(Code code, SharedMaps shared, FamilyMaps maps, Features features) {
        this.code = code;
        this.shared = shared;
        this.maps = maps;
        this.features = features;
        this.listener = code.area("listener", services.layout());
        this.service = code.number("service");
        this.slot = code.number("slot");
        this.endpoint = code.number("endpoint");
    }

    /// What the map of services says of it, once it is found.
    Area listener() {
        return listener;
    }

    Place service() {
        return service;
    }

    /// The number of the endpoint, once it is picked.
    Place endpoint() {
        return endpoint;
    }

    /// Leaves the program when there is none.
    void findListener(Place ip, Value port, Value protocol) {
        code.within(() -> {
            ServiceKey names = maps.serviceKey();
            Area address = code.area("address", names.layout());
            code.clear(address);
            code.copy(address.at(names.address()), ip);
            code.set(address.at(names.port()), port);
            code.set(address.at(names.protocol()), protocol);
            Pointer found = code.pointer("listener");
            code.set(found, entry(maps.services(), address.address()));
            code.when(found.isNull(), () -> code.leave(Verdict.NEXT));
            services.layout().fields().forEach(field -> code.set(listener.at(field), found.at(field)));
        });
        code.set(service, listener.at(services.id()));
    }

    /// For a client at this address and port. Leaves the program when no endpoint may be used.
    void findEndpoint(Place source, Value port) {
        code.within(() -> choose(features.choices().stream().sorted().iterator(), source, port));
        code.within(this::findSlot);
    }

    /// What decides about the slot. What no listener asks for is not asked for here.
    private void choose(Iterator<Integer> choices, Place source, Value port) {
        if (!choices.hasNext()) {
            code.leave(Verdict.NEXT);
            return;
        }
        int choice = choices.next();
        code.when(
                listener.at(services.choice()).is(choice),
                () -> find(choice, source, port),
                () -> choose(choices, source, port));
    }

    private void find(int choice, Place source, Value port) {
        switch (choice) {
            case ServiceEntry.BY_CHANCE -> code.set(slot, result(Helper.RANDOM).shiftedLeft(32));
            case ServiceEntry.IN_TURN -> takeTurn();
            case ServiceEntry.BY_ADDRESS -> hashAddress(source);
            default -> {
                hashAddress(source);
                code.set(slot, slot.times(Value.of(HASH_PRIME)).plus(port));
                mix(slot);
            }
        }
    }

    private void takeTurn() {
        Pointer turns = code.pointer("turns");
        code.set(turns, entry(shared.turns(), Translation.address(service)));
        code.when(turns.isNull(), () -> code.leave(Verdict.DROP));
        code.set(slot, new Value.FetchedAdd(turns.at(SharedMaps.TURN), Value.of(1)).and(TURN_BITS));
    }

    /// As `Hash.of(InetAddress)`.
    private void hashAddress(Place source) {
        code.set(slot, Value.of(HASH_START));
        if (maps.family() == Family.IPV4) {
            // An int there, with a sign.
            code.set(slot, source.turned32());
            code.when(slot.hasAny(1L << 31), () -> code.set(slot, slot.or(0xffffffffL << 32)));
            code.set(slot, slot.xor(Value.of(HASH_START)));
        } else {
            for (int i = 0; i < source.bytes(); i++) {
                code.set(
                        slot,
                        slot.xor(new Place(source.base(), source.offset() + i, 1))
                                .times(Value.of(HASH_PRIME)));
            }
        }
        mix(slot);
    }

    /// As `Hash.mix`.
    private void mix(Place hash) {
        code.set(hash, hash.xor(hash.shiftedRight(30)).times(Value.of(MIX_1)));
        code.set(hash, hash.xor(hash.shiftedRight(27)).times(Value.of(MIX_2)));
        code.set(hash, hash.xor(hash.shiftedRight(31)));
    }

    /// The slot is looked up in the listener's table, whichever that is at this moment.
    private void findSlot() {
        Pointer table = code.pointer("table");
        Pointer row = code.pointer("row");
        Place index = code.number("index");
        code.set(table, entry(shared.tables(), Translation.address(service)));
        code.when(table.isNull(), () -> lose(Loss.NO_ENDPOINT));
        code.set(index, 0);
        code.set(row, row(table, index));
        code.when(row.isNull(), () -> lose(Loss.NO_ENDPOINT));
        Place slots = code.number("slots");
        code.set(slots, row.at(0, 4));
        code.when(slots.is(0), () -> lose(Loss.NO_ENDPOINT));
        // A turn is small: its lower bits count. Of a hash the upper ones do, as in `Hash.below`.
        code.when(
                slot.shiftedRight(32).is(0),
                () -> code.set(slot, slot.remainder(slots)),
                () -> code.set(slot, slot.shiftedRight(32).times(slots).shiftedRight(32)));
        code.set(index, slot.shiftedRight(SharedMaps.SLOT_BITS).plus(1));
        code.set(row, row(table, index));
        code.when(row.isNull(), () -> lose(Loss.NO_ENDPOINT));
        code.set(row, row.address().plus(slot.and(SharedMaps.SLOTS_PER_ROW - 1).shiftedLeft(2)));
        code.set(endpoint, row.at(0, 4));
    }

    private static Value row(Pointer table, Place index) {
        return result(Helper.MAP_LOOKUP, table.address(), Translation.address(index));
    }

    void lose(Loss loss) {
        Losses.lose(code, shared, service, loss);
    }
}
