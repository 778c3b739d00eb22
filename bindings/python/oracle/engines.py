"""The two worker processes, and the virtual environment of the predecessor.

A worker that takes too long, or dies, is replaced; its case then has the outcome "lost".
"""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
PREDECESSOR = "oso==0.27.3"
SECONDS = 8.0

Outcome = dict[str, Any]


def oso_python(target: Path) -> Path:
    """The interpreter of an environment under ``target`` that has the predecessor; made when missing."""
    home = target / "oso-venv"
    python = home / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not (home / "ready").exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(home)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", PREDECESSOR], check=True)
        (home / "ready").touch()
    return python


class Worker:
    """One process that runs cases on one engine."""

    def __init__(self, python: Path, engine: str) -> None:
        self.command = [str(python), "-u", str(HERE / "worker.py"), engine]
        self.process = self._start()
        self.sent = 0.0
        self.pending = b""

    def _start(self) -> subprocess.Popen[bytes]:
        environment = {
            **os.environ,
            "POLAR_TIMEOUT_MS": "2000",
            "POLAR_IGNORE_NO_ALLOW_WARNING": "1",
            "PYTHONHASHSEED": "0",
        }
        return subprocess.Popen(
            self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment
        )

    def send(self, case: dict[str, Any]) -> None:
        """Hands over a case; :meth:`receive` waits for its outcome."""
        self.sent = time.monotonic()
        assert self.process.stdin is not None
        try:
            self.process.stdin.write(json.dumps(case).encode() + b"\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            pass

    def receive(self) -> Outcome:
        """The outcome of the case sent last."""
        line = self._line(self.sent + SECONDS)
        if line is not None:
            return json.loads(line)
        self.close()
        status = self.process.returncode
        self.process, self.pending = self._start(), b""
        reason = "killed after its time was up" if status == -9 else f"the process ended with status {status}"
        return {"load": {"class": "Lost", "message": reason}, "steps": []}

    def _line(self, deadline: float) -> bytes | None:
        assert self.process.stdout is not None
        descriptor = self.process.stdout.fileno()
        while b"\n" not in self.pending:
            remaining = deadline - time.monotonic()
            if remaining <= 0 or not select.select([descriptor], [], [], remaining)[0]:
                self.process.kill()
                return None
            read = os.read(descriptor, 1 << 16)
            if not read:
                return None
            self.pending += read
        line, _, self.pending = self.pending.partition(b"\n")
        return line

    def close(self) -> None:
        """Ends the process."""
        if self.process.poll() is None:
            if self.process.stdin is not None:
                self.process.stdin.close()
            try:
                self.process.wait(timeout=2)
            except subprocess.TimeoutExpired:
                self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                pipe.close()


class Pair:
    """Both engines, asked the same."""

    def __init__(self, oso: Path, arctos: Path) -> None:
        self.oso = Worker(oso, "oso")
        self.arctos = Worker(arctos, "arctos")

    def run(self, case: dict[str, Any]) -> tuple[Outcome, Outcome]:
        """What the predecessor answers, and what Arctos answers."""
        self.oso.send(case)
        self.arctos.send(case)
        return self.oso.receive(), self.arctos.receive()

    def close(self) -> None:
        """Ends both processes."""
        self.oso.close()
        self.arctos.close()
