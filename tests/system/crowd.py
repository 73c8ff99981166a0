"""TLS clients in a process of their own, that make handshake after handshake until standard input ends.

    crowd.py PORT NAME CLIENTS      prints "ready" after everybody's first handshake, at the end {"made": N, "failed": [...]} as JSON
"""
import json
import socket
import ssl
import sys
import threading

PAUSE_S = 0.5


def main(port, name, clients):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    over, lock = threading.Event(), threading.Lock()
    made, failed, first = 0, [], set()

    def client(number):
        nonlocal made
        while not over.is_set():
            try:
                with socket.create_connection(("127.0.0.1", port), timeout=60) as raw, context.wrap_socket(raw, server_hostname=name):
                    error = None
            except OSError as e:
                error = repr(e)
            with lock:
                made += error is None
                failed.extend([error] if error else [])
                first.add(number)
                if len(first) == clients:
                    first.add(clients)  # once
                    print("ready", flush=True)
            over.wait(PAUSE_S)

    threads = [threading.Thread(target=client, args=[n]) for n in range(clients)]
    for t in threads:
        t.start()
    sys.stdin.read()
    over.set()
    for t in threads:
        t.join()
    print(json.dumps({"made": made, "failed": failed}))


main(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
