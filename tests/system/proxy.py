"""A TCP proxy on 127.0.0.1 that does on command what networks do."""
import socket
import threading


class Proxy:
    def __init__(self, port, address="127.0.0.1"):
        self.target = (address, port)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.lock = threading.Lock()
        self.pairs = []
        self.refusing = False   # new connections are closed at once
        self.deaf = False       # what the server says is dropped
        self.up = 0             # bytes that went to the server
        self.cut_after_up = None
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            if self.refusing:
                client.close()
                continue
            try:
                server = socket.create_connection(self.target, timeout=10)
                server.settimeout(None)
            except OSError:
                client.close()
                continue
            with self.lock:
                self.pairs.append((client, server))
            threading.Thread(target=self._pump, args=(client, server, True), daemon=True).start()
            threading.Thread(target=self._pump, args=(server, client, False), daemon=True).start()

    def _pump(self, source, sink, is_up):
        try:
            while data := source.recv(65536):
                if is_up:
                    self.up += len(data)
                elif self.deaf:
                    continue
                sink.sendall(data)
                if is_up and self.cut_after_up is not None and self.up >= self.cut_after_up:
                    self.cut_after_up = None
                    self.cut()
        except OSError:
            pass
        for s in (source, sink):
            try:
                s.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def cut(self, refuse=False):
        """End every connection now; with `refuse` no new one comes about from then on."""
        self.refusing = self.refusing or refuse
        with self.lock:
            pairs, self.pairs = self.pairs, []
        for pair in pairs:
            for s in pair:
                try:
                    s.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass
                s.close()

    def close(self):
        self.listener.close()
        self.cut(refuse=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
