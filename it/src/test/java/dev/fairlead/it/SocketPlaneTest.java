package dev.fairlead.it;

/// What any carrier does, by this process and its sockets. Needs root, for the networks.
class SocketPlaneTest extends AnyCarrierTest {
    @Override
    String carrier() {
        return "socket";
    }
}
