"""Ports for daemons that tests start."""
import functools
import itertools
import random
import socket

FIRST, LAST, BLOCK = 10000, 32000, 100  # below those that the kernel hands to clients


def can_be_bound(address, port, family=socket.AF_INET):
    with socket.socket(family) as s:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            s.bind((address, port))
        except OSError:
            return False
        return True


@functools.cache
def own_block():
    """Ports that no other process of a run hands out: who has the first of a block bound has the block. The socket lives as long as we."""
    for first in random.sample(range(FIRST, LAST, BLOCK), (LAST - FIRST) // BLOCK):
        lock = socket.socket()
        try:
            lock.bind(("127.0.0.1", first))
        except OSError:
            lock.close()
            continue
        return lock, itertools.cycle(range(first + 1, first + BLOCK))
    raise AssertionError("no free block of ports")


def free_port(family=socket.AF_INET):
    """One of the loopback address that nobody listens on, and that nobody else is given before our daemon listens there."""
    address = "127.0.0.1" if family == socket.AF_INET else "::1"
    _, ports = own_block()
    for port in itertools.islice(ports, BLOCK):
        if can_be_bound(address, port, family):
            return port
    raise AssertionError("no free port")
