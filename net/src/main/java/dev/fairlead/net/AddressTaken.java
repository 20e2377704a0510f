package dev.fairlead.net;

import dev.fairlead.config.Address;
import java.io.IOException;

/// One of a listener's addresses cannot be had.
public final class AddressTaken extends IOException {
    private static final long serialVersionUID = 1;

    private final transient Address address;

    AddressTaken(Address address, IOException cause) {
        super(cause.getMessage(), cause.getCause() == null ? cause : cause.getCause());
        this.address = address;
    }

    public Address address() {
        return address;
    }
}
