package dev.fairlead.sys;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// Makes a listening TCP socket deaf to new connections while those whose handshake has begun still come in: a
/// classic BPF program on the socket that drops every SYN without ACK. To close a listening socket resets what
/// waits in its queue; deaf first, one can empty the queue and lose nobody. Linux only.
public final class SynFilter {
    private static final int SOL_SOCKET = 1;
    private static final int SO_ATTACH_FILTER = 26;
    private static final int INSTRUCTION = 8;
    private static final Call SETSOCKOPT = Call.of("setsockopt");

    private SynFilter() {}

    /// Attaches the program. False when the system will not have it; then the socket is as it was.
    public static boolean attach(int descriptor) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment code = arena.allocate(5L * INSTRUCTION, 8);
            instruction(code, 0, 0x30, 0, 0, 13); // load the byte of the TCP flags
            instruction(code, 1, 0x54, 0, 0, 0x12); // keep SYN and ACK
            instruction(code, 2, 0x15, 0, 1, 0x02); // SYN alone: go on, else jump over one
            instruction(code, 3, 0x06, 0, 0, 0); // drop
            instruction(code, 4, 0x06, 0, 0, -1); // pass
            // struct sock_fprog { unsigned short length; struct sock_filter *code; }
            MemorySegment program = arena.allocate(16, 8);
            program.set(JAVA_SHORT, 0, (short) 5);
            program.set(ADDRESS, 8, code);
            // int setsockopt(int socket, int level, int name, const void *value, socklen_t length)
            return SETSOCKOPT.call(descriptor, SOL_SOCKET, SO_ATTACH_FILTER, program.address(), 16) == 0;
        }
    }

    /// struct sock_filter { u16 code; u8 jumpTrue; u8 jumpFalse; u32 k; }
    private static void instruction(MemorySegment to, int index, int code, int jumpTrue, int jumpFalse, int k) {
        long at = (long) index * INSTRUCTION;
        to.set(JAVA_SHORT, at, (short) code);
        to.set(JAVA_BYTE, at + 2, (byte) jumpTrue);
        to.set(JAVA_BYTE, at + 3, (byte) jumpFalse);
        to.set(JAVA_INT, at + 4, k);
    }
}
