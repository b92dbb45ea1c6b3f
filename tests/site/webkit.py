"""WebKit, driven by the protocol that its own driver speaks: plain HTTP, no package needed."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.error import URLError
from urllib.request import ProxyHandler, Request, build_opener

PATIENCE_S = 120
_open = build_opener(ProxyHandler({})).open


class WebKit:
    """A session of the driver at a port."""

    def __init__(self, port: int) -> None:
        self.address = f"http://127.0.0.1:{port}"
        session = self._call("POST", "/session", {"capabilities": {"alwaysMatch": {}}})
        self.address += f"/session/{session['sessionId']}"
        self._call("POST", "/timeouts", {"script": PATIENCE_S * 1000})

    def open(self, url: str, *, width: int, height: int) -> None:
        """Go to a page, in a window of about this size."""
        self._call("POST", "/window/rect", {"width": width, "height": height})
        self._call("POST", "/url", {"url": url})

    def evaluate(self, function: str) -> Any:
        """What an asynchronous function of the page returns."""
        script = f"const done = arguments[0]; ({function})().then(done, error => done(String(error)));"
        return self._call("POST", "/execute/async", {"script": script, "args": []})

    def _call(self, method: str, path: str, body: dict[str, Any]) -> Any:
        headers = {"Content-Type": "application/json"}
        request = Request(self.address + path, json.dumps(body).encode(), headers, method=method)
        with _open(request, timeout=PATIENCE_S) as answer:
            return json.load(answer)["value"]


@contextmanager
def start_webkit(driver: str) -> Iterator[WebKit]:
    """A WebKit with its window on a screen that nobody sees."""
    read_end, write_end = os.pipe()
    screen_command = ["Xvfb", "-displayfd", str(write_end), "-screen", "0", "1400x1000x24", "-nolisten", "tcp"]
    screen = subprocess.Popen(screen_command, pass_fds=[write_end], stderr=subprocess.DEVNULL)
    os.close(write_end)
    with os.fdopen(read_end) as numbers:
        display = f":{numbers.readline().strip()}"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {**os.environ, "DISPLAY": display, "WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS": "1"}
    driving = subprocess.Popen([driver, f"--port={port}"], env=environment, stderr=subprocess.DEVNULL)
    try:
        _wait_for(port)
        yield WebKit(port)
    finally:
        for process in (driving, screen):
            process.kill()
            process.wait()


def _wait_for(port: int) -> None:
    for _ in range(100):
        try:
            with _open(f"http://127.0.0.1:{port}/status", timeout=5):
                return
        except (URLError, OSError):
            time.sleep(0.1)
