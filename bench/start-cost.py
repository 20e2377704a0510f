"""What a start costs: `start-cost.py PORT COMMAND...` starts the command five times and prints, as cells of a table,
the median time from exec until PORT accepts and the median resident memory (PSS, children included) two seconds later.
"""
import signal
import socket
import statistics
import subprocess
import sys
import time

STARTS = 5
REST_SECONDS = 2


def family(pid):
    """The process and all its descendants."""
    children = open(f"/proc/{pid}/task/{pid}/children").read().split()
    return [pid] + [one for child in children for one in family(int(child))]


def resident_kib(pid):
    """Pages shared within the family are counted once."""
    total = 0
    for one in family(pid):
        for line in open(f"/proc/{one}/smaps_rollup"):
            if line.startswith("Pss:"):
                total += int(line.split()[1])
    return total


def start(port, command):
    begun = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            break
        except ConnectionRefusedError:
            if process.poll() is not None or time.monotonic() - begun > 30:
                sys.exit(f"{command[0]} does not listen")
            time.sleep(0.001)
    millis = (time.monotonic() - begun) * 1000
    time.sleep(REST_SECONDS)
    kib = resident_kib(process.pid)
    process.send_signal(signal.SIGTERM)
    process.wait()
    return millis, kib


runs = [start(int(sys.argv[1]), sys.argv[2:]) for _ in range(STARTS)]
print(f"{statistics.median(r[0] for r in runs):.0f} ms | {statistics.median(r[1] for r in runs) / 1024:.0f} MiB |")
