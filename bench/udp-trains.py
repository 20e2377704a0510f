#!/usr/bin/env python3
"""Trains of datagrams, as a QUIC sender hands them to its kernel (UDP_SEGMENT), and the server that takes them.

  udp-trains.py serve PORT COUNT BYTES                    answers every COUNT datagrams of BYTES with one
  udp-trains.py load PORT CLIENTS SECONDS BYTES COUNT     CLIENTS that each have one train on the way:
                                                          REPORT trains microseconds lost
"""
import select
import socket
import sys
import time

SO_RCVBUFFORCE, UDP_SEGMENT, UDP_GRO = 33, 103, 104


def serve(port, count, size):
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 16 << 20)
    server.setsockopt(socket.IPPROTO_UDP, UDP_GRO, 1)
    server.bind(('127.0.0.1', port))
    taken = {}
    buffer = bytearray(65536)
    while True:
        length, peer = server.recvfrom_into(buffer)
        number = bytes(buffer[:8])
        have = taken.get(peer)
        have = [number, length] if have is None or have[0] != number else [number, have[1] + length]
        taken[peer] = have
        if have[1] >= count * size:
            server.sendto(number, peer)


def load(port, clients, seconds, size, count):
    poll = select.epoll()
    sockets = {}
    for _ in range(clients):
        client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        client.connect(('127.0.0.1', port))
        client.setsockopt(socket.IPPROTO_UDP, UDP_SEGMENT, size)
        client.setblocking(False)
        poll.register(client, select.EPOLLIN)
        sockets[client.fileno()] = [client, 0, 0.0]
    padding = bytes(size - 8)

    def send(state):
        state[1] += 1
        state[2] = time.monotonic()
        state[0].send((state[1].to_bytes(8, 'big') + padding) * count)

    begin = time.monotonic()
    for state in sockets.values():
        send(state)
    done = lost = 0
    while (now := time.monotonic()) < begin + seconds:
        for number, _ in poll.poll(0.05):
            state = sockets[number]
            if int.from_bytes(state[0].recv(64), 'big') == state[1]:
                done += 1
                send(state)
        for state in sockets.values():
            if now - state[2] > 0.5:
                lost += 1
                send(state)
    print('REPORT', done, int((time.monotonic() - begin) * 1e6), lost)


if __name__ == '__main__':
    what, *numbers = sys.argv[1:]
    {'serve': serve, 'load': load}[what](*map(int, numbers))
