"""What a start of Layer 4 in the kernel costs: `l4-start.py FAIRLEAD...`, as root, with the command that starts Fairlead.

In a network of its own, five times each, the medians: from exec until the program is on the interface and until all is
ready, with one listener; and with 1,000 listeners of 100 endpoints each, by a reload, and from exec.
`--rounds N`: so many times. `--balancer NAME`: by that; without, as the default has it. `--keep SECONDS`: after the last
one, for somebody who wants to look at the process.
"""
import os
import pathlib
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

LISTENERS = 1000
ENDPOINTS = 100
PINS = pathlib.Path("/sys/fs/bpf/fairlead")
ADMIN = "127.0.0.1:19090"


def config(listeners, endpoints, balancer):
    lines = ["listeners:"]
    for i in range(listeners):
        lines.append(f'  l{i}: {{protocol: tcp, address: "10.71.0.1:{10000 + i}", upstream: u{i}, carrier: ebpf}}')
    lines.append("upstreams:")
    for i in range(listeners):
        all_of_it = ", ".join(f'"10.{72 + i // 250}.{i % 250}.{j + 1}:80"' for j in range(endpoints))
        lines.append(f"  u{i}: {{endpoints: [{all_of_it}]{balancer}}}")
    lines.append("kernel: {interfaces: in0, max-flows: 20000}")
    lines.append(f'admin: {{address: "{ADMIN}"}}')
    return "\n".join(lines) + "\n"


def answer(path):
    return urllib.request.urlopen(f"http://{ADMIN}{path}", timeout=60).read().decode()


def until(condition, begun):
    while not condition():
        if time.monotonic() - begun > 120:
            sys.exit("it takes too long")
        time.sleep(0.0005)
    return (time.monotonic() - begun) * 1000


def is_ready():
    try:
        return bool(answer("/readyz"))
    except OSError:
        return False


def reload():
    """Comes back when it is done."""
    request = urllib.request.Request(f"http://{ADMIN}/config/reload", method="POST")
    text = urllib.request.urlopen(request, timeout=120).read().decode()
    if "added" not in text:
        sys.exit(text)


class Run:
    def __init__(self, command, file, log):
        self.begun = time.monotonic()
        self.process = subprocess.Popen(command + ["run", str(file)], stdout=log, stderr=log)

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()


def measure(command, rounds, keep, balancer):
    index = socket.if_nametoindex("in0")
    link = PINS / f"link_{index}"
    attached, ready, applied, started = [], [], [], []
    with tempfile.TemporaryDirectory() as work, open(os.path.join(work, "log"), "w") as log:
        file = pathlib.Path(work, "fairlead.yaml")
        for _ in range(rounds):
            file.write_text(config(1, 3, balancer))
            run = Run(command, file, log)
            attached.append(until(link.exists, run.begun))
            ready.append(until(is_ready, run.begun))
            file.write_text(config(LISTENERS, ENDPOINTS, balancer))
            begun = time.monotonic()
            reload()
            applied.append((time.monotonic() - begun) * 1000)
            run.end()
            run = Run(command, file, log)
            started.append(until(is_ready, run.begun))
            if keep and len(started) == rounds:
                print(f"process {run.process.pid}", flush=True)
                time.sleep(keep)
            run.end()
    for what, all_of_it in (
        ("one listener, from exec: the program is on the interface", attached),
        ("one listener, from exec: ready", ready),
        (f"{LISTENERS} listeners of {ENDPOINTS} endpoints, a reload that adds them", applied),
        (f"{LISTENERS} listeners of {ENDPOINTS} endpoints, from exec: ready", started),
    ):
        print(f"{what}: {statistics.median(all_of_it):.0f} ms (the least {min(all_of_it):.0f})")


def main(arguments):
    if arguments[0] != "--inside":
        unshare = ["unshare", "--net", "--mount", sys.executable, __file__, "--inside"]
        os.execvp(unshare[0], unshare + arguments)
    arguments = arguments[1:]
    options = {"--rounds": 5, "--keep": 0, "--balancer": ""}
    while arguments[0] in options:
        options[arguments[0]] = type(options[arguments[0]])(arguments[1])
        arguments = arguments[2:]
    for each in (
        "ip link set lo up",
        "ip link add in0 type veth peer name out0",
        "ip address add 10.71.0.1/16 dev in0",
        "ip link set in0 up",
        "ip link set out0 up",
        "sysctl -qw net.ipv4.conf.in0.forwarding=1",
        "mount -t bpf bpf /sys/fs/bpf",
    ):
        subprocess.run(each.split(), check=True)
    balancer = options["--balancer"] and f", balancer: {options['--balancer']}"
    measure(arguments, options["--rounds"], options["--keep"], balancer)


main(sys.argv[1:])
