"""An API server that answers what a test tells it, well or badly: for the command line's error paths."""
import http.server
import json
import pathlib
import shutil
import socket
import socketserver
import tempfile
import threading


class FakeApi(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    """`answers` maps "METHOD path" (without query) to (status, body) or to a function of the handler."""

    daemon_threads = True

    def __init__(self, answers):
        self.folder = tempfile.mkdtemp(prefix="gw-fake-")
        self.socket_path = pathlib.Path(self.folder) / "api.sock"
        self.answers, self.asked = dict(answers), []
        super().__init__(str(self.socket_path), Handler)

    def __enter__(self):
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self.shutdown()
        self.server_close()
        self.socket_path.unlink(missing_ok=True)
        shutil.rmtree(self.folder)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def address_string(self):
        return "unix"

    def log_message(self, *_):
        pass

    def serve(self):
        n = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(n)
        path = self.path.split("?")[0]
        self.server.asked.append((self.command, self.path, json.loads(body) if body else None, dict(self.headers)))
        answer = self.server.answers.get(f"{self.command} {path}")
        if answer is None:
            answer = (404, {"type": "about:blank", "title": "Not Found", "status": 404, "detail": f"no such thing: {path}"})
        if callable(answer):
            return answer(self)
        self.answer(*answer)

    do_GET = do_POST = do_PATCH = do_DELETE = serve

    def answer(self, status, body, content_type=None):
        data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        self.send_response(status)
        if data or status != 204:
            self.send_header("Content-Type",
                             content_type or ("application/problem+json" if status >= 400 else "application/json"))
            self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def begin_events(self):
        """An event stream that lasts until the handler returns."""
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True

    def event(self, number, name, data):
        self.wfile.write(f"id: {number}\nevent: {name}\ndata: {json.dumps(data)}\n\n".encode())
        self.wfile.flush()

    def cut(self):
        """As when the daemon is killed."""
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)
