package dev.fairlead.kernel;

/// What is balanced: the number of the protocol, where its header has its checksum, and how long it is.
public enum Transport {
    /// RFC 9293 §3.1.
    TCP(6, 16, 20),
    /// RFC 768.
    UDP(17, 6, 8);

    /// Where TCP has its control bits.
    static final int TCP_CONTROL = 13;

    /// Where it has its two numbers, and the length of its header.
    static final int TCP_SEQUENCE = 4;

    static final int TCP_OFFSET = 12;

    /// Where UDP has its length, header included.
    static final int UDP_LENGTH = 4;

    static final int FIN = 1;
    static final int SYN = 2;
    static final int RST = 4;
    static final int ACK = 16;

    private final int number;
    private final int checksum;
    private final int bytes;

    Transport(int number, int checksum, int bytes) {
        this.number = number;
        this.checksum = checksum;
        this.bytes = bytes;
    }

    public int number() {
        return number;
    }

    int checksum() {
        return checksum;
    }

    int bytes() {
        return bytes;
    }
}
