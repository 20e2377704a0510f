"""Idle connections for l4.sh and l4-kernel.sh: `serve HOST:PORT` accepts and keeps them, `hold HOST:PORT COUNT` opens
COUNT of them, sends one byte through each and waits for its echo, prints a line, and keeps them until its input ends."""
import resource
import selectors
import socket
import sys

soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def address(text):
    host, _, port = text.rpartition(":")
    return host, int(port)


def serve(where):
    server = socket.create_server(where, backlog=4096)
    server.setblocking(False)
    selector = selectors.DefaultSelector()
    selector.register(server, selectors.EVENT_READ)
    while True:
        for key, _ in selector.select():
            if key.fileobj is server:
                client, _ = server.accept()
                client.setblocking(False)
                selector.register(client, selectors.EVENT_READ)
                continue
            try:
                data = key.fileobj.recv(4096)
                if data:
                    key.fileobj.send(data)
                    continue
            except OSError:
                pass
            selector.unregister(key.fileobj)
            key.fileobj.close()


def hold(where, count):
    held = []
    for _ in range(count):
        client = socket.create_connection(where, timeout=30)
        client.sendall(b"x")
        held.append(client)
    for client in held:
        assert client.recv(1) == b"x"
    print(len(held), flush=True)
    sys.stdin.read()


if sys.argv[1] == "serve":
    serve(address(sys.argv[2]))
else:
    hold(address(sys.argv[2]), int(sys.argv[3]))
