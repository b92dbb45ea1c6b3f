"""Serve a built site as GitHub Pages does: under a project path, with its own 404 page."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

PREFIX = "/raftstep/"


@contextmanager
def serve(directory: Path, headers: Mapping[str, str] | None = None) -> Iterator[str]:
    """Serve until the block ends, with more headers where they are given; the address ends with a slash."""

    class Handler(PagesHandler):
        root = directory
        more_headers = headers or {}

    with _Server(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}{PREFIX}"
        server.shutdown()


class _Server(ThreadingHTTPServer):
    request_queue_size = 128  # a browser opens six connections a page; beyond the usual five they wait for seconds


class PagesHandler(SimpleHTTPRequestHandler):
    """Files below the project path; for all else the site's 404 page, as the host does it."""

    root: Path
    more_headers: Mapping[str, str]
    extensions_map = {  # noqa: RUF012  (the base class's own shape)
        **SimpleHTTPRequestHandler.extensions_map,
        ".js": "text/javascript",
        ".svg": "image/svg+xml",
        ".yaml": "text/yaml",
    }

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, directory=str(self.root), **options)

    def translate_path(self, path: str) -> str:
        return super().translate_path("/" + path[len(PREFIX) :] if path.startswith(PREFIX) else "/no such file")

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        page = self.root / "404.html"
        if code != HTTPStatus.NOT_FOUND or not page.exists():
            super().send_error(code, message, explain)
            return
        body = page.read_bytes()
        self.send_response(code)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def end_headers(self) -> None:
        for name, value in self.more_headers.items():
            self.send_header(name, value)
        super().end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""
