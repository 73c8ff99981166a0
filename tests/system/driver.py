"""Runs the deploy_driver tool: one deploy process, with the manager's side scripted by a test."""
import json
import pathlib
import queue
import subprocess
import threading

TARGETS = pathlib.Path(__file__).resolve().parents[2] / "targets"


class Deploy:
    """`on_move`: state -> command ("ok", "kill", "close", "cancel", "refuse") or a function that returns one; absent: ok."""

    def __init__(self, build, job, on_move=None, log=None):
        self.on_move = on_move or {}
        self.events, self.queue = [], queue.Queue()
        job = {**job, "hold": True}
        self.log_path = log
        self.log = open(log, "ab") if log else subprocess.DEVNULL
        self.process = subprocess.Popen([str(build / "tests/system/deploy_driver")], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=self.log, text=True)
        self.process.stdin.write(json.dumps(job) + "\n")
        self.process.stdin.flush()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.process.stdout:
            self.queue.put(json.loads(line))
        self.queue.put(None)

    def send(self, word):
        try:
            self.process.stdin.write(word + "\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            pass

    def next(self, seconds=200):
        event = self.queue.get(timeout=seconds)
        if event is not None:
            self.events.append(event)
            if event["event"] == "move":
                action = self.on_move.get(event["state"], "ok")
                self.send(action() if callable(action) else action)
        return event

    def run(self):
        """To the end; returns the result event, or None when there was none."""
        while self.next() is not None:
            pass
        self.process.wait(10)
        return self.result

    @property
    def result(self):
        return next((e for e in self.events if e["event"] == "result"), None)

    @property
    def states(self):
        return [e["state"] for e in self.events if e["event"] == "move"]

    @property
    def released(self):
        return sum(e["event"] == "release" for e in self.events)

    @property
    def exit_status(self):
        return next((e["status"] for e in self.events if e["event"] == "exit"), None)

    def steps(self, word, outcome="done"):
        return [e for e in self.events if e["event"] == "step" and e.get("outcome") == outcome and word in e["step"]]


def target(name):
    return (TARGETS / f"{name}.conf").read_text()
