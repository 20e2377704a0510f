"""Idle connections for l4.sh: `serve PORT` accepts and keeps them, `hold PORT COUNT` opens COUNT of them, sends one byte
through each and waits for its echo, prints a line, and keeps them until its input ends."""
import resource
import selectors
import socket
import sys

soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def serve(port):
    server = socket.create_server(("127.0.0.1", port), backlog=4096)
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


def hold(port, count):
    held = []
    for _ in range(count):
        client = socket.create_connection(("127.0.0.1", port), timeout=30)
        client.sendall(b"x")
        held.append(client)
    for client in held:
        assert client.recv(1) == b"x"
    print(len(held), flush=True)
    sys.stdin.read()


if sys.argv[1] == "serve":
    serve(int(sys.argv[2]))
else:
    hold(int(sys.argv[2]), int(sys.argv[3]))
