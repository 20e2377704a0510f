"""Servers and clients for capacity.sh.

`serve CONTROL PORT ADDRESS...`: on each address at most 200 connections, one more is reset; every request, of HTTP/1.1 or of
HTTP/2, is held until `release` comes on the UNIX socket CONTROL. `count` answers with how many are held, and the most on one address.
`ask CONTROL ADDRESS PORT COUNT`: COUNT clients at once, each tries again when it is turned away. Prints how many requests the
servers held when no more came for three seconds, and how many of the clients were answered after the release."""
import asyncio
import resource
import socket
import struct
import sys

SERVER_MAX = 200
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok\n"
PREFACE = b"PRI * HTTP/2.0\r\n\r\n"
DATA, HEADERS, SETTINGS, PING = 0, 1, 4, 6
ACK, END_STREAM, END_HEADERS = 1, 1, 4
STATUS_200 = b"\x88"


def frame(kind, flags, stream, payload=b""):
    return struct.pack(">I", len(payload))[1:] + struct.pack(">BBI", kind, flags, stream) + payload

soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def reset(writer):
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def serve(control, port, addresses):
    released = asyncio.Event()
    open_on = dict.fromkeys(addresses, 0)
    held = 0

    async def on_connection(address, reader, writer):
        nonlocal held
        if open_on[address] >= SERVER_MAX:
            return reset(writer)
        open_on[address] += 1
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                if head == PREFACE:
                    await on_streams(reader, writer)
                held += 1
                await released.wait()
                held -= 1
                writer.write(ANSWER)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            open_on[address] -= 1
            writer.close()

    async def answer(stream, writer):
        nonlocal held
        held += 1
        await released.wait()
        held -= 1
        writer.write(frame(HEADERS, END_HEADERS, stream, STATUS_200) + frame(DATA, END_STREAM, stream, b"ok\n"))

    async def on_streams(reader, writer):
        await reader.readexactly(6)  # the preface's last line
        writer.write(frame(SETTINGS, 0, 0))
        answers = set()
        while True:
            size, kind, flags, stream = struct.unpack(">IBBI", b"\0" + await reader.readexactly(9))
            payload = await reader.readexactly(size)
            if kind in (SETTINGS, PING) and not flags & ACK:
                writer.write(frame(kind, ACK, 0, payload if kind == PING else b""))
            elif kind == HEADERS:
                answers.add(asyncio.create_task(answer(stream, writer)))

    async def on_control(reader, writer):
        if await reader.readline() == b"release\n":
            released.set()
        writer.write(f"{held} {max(open_on.values())}\n".encode())
        writer.close()

    for address in addresses:
        await asyncio.start_server(lambda r, w, a=address: on_connection(a, r, w), address, port, backlog=4096)
    server = await asyncio.start_unix_server(on_control, control)
    await server.serve_forever()


async def tell(control, word):
    reader, writer = await asyncio.open_unix_connection(control)
    writer.write(word + b"\n")
    line = (await reader.readline()).split()
    writer.close()
    return int(line[0])


async def ask(control, address, port, count):
    answered = 0
    over = False

    async def client():
        nonlocal answered
        while not over:
            try:
                reader, writer = await asyncio.open_connection(address, port)
                writer.write(b"GET / HTTP/1.1\r\nHost: capacity\r\n\r\n")
                head = await reader.readuntil(b"\r\n\r\n")
                writer.close()
                if head.startswith(b"HTTP/1.1 200"):
                    answered += 1
                    return
            except (OSError, asyncio.IncompleteReadError):
                pass
            await asyncio.sleep(0.1)

    clients = [asyncio.create_task(client()) for _ in range(count)]
    held, quiet = -1, 0
    while quiet < 12:
        await asyncio.sleep(0.25)
        now = await tell(control, b"count")
        held, quiet = max(held, now), 0 if now > held else quiet + 1
    await tell(control, b"release")
    await asyncio.wait(clients, timeout=30)
    over = True
    print(held, answered, flush=True)


if sys.argv[1] == "serve":
    asyncio.run(serve(sys.argv[2], int(sys.argv[3]), sys.argv[4:]))
else:
    asyncio.run(ask(sys.argv[2], sys.argv[3], int(sys.argv[4]), int(sys.argv[5])))
