"""What only ``mkdocs serve`` needs: the generator's code as it is now, and a page that tells where it is broken."""

from __future__ import annotations

import logging
import sys
from hashlib import sha256
from html import escape
from pathlib import Path
from traceback import extract_tb
from types import ModuleType

PACKAGE = Path(__file__).resolve().parent.parent
LIBRARY = PACKAGE / "scenario" / "library"

_STAY_LOADED = ("raftstep.site", "raftstep.site.plugin", __name__)
"""Modules that a server does not load again: those that load the others."""


def digest_code() -> str:
    """A digest of the generator's own files, but not of what the shipped scenarios say: that is read in every build."""
    digest = sha256()
    for path in sorted(PACKAGE.rglob("*")):
        if path.is_file() and path.suffix != ".pyc":
            changed_ns = 0 if path.parent == LIBRARY else path.stat().st_mtime_ns
            digest.update(f"{path.relative_to(PACKAGE)}\0{changed_ns}\0".encode())
    return digest.hexdigest()


def forget_modules() -> None:
    """Make the next import of each of our modules read its file again."""
    for name in [name for name in sys.modules if name.startswith("raftstep.") and name not in _STAY_LOADED]:
        module: ModuleType = sys.modules.pop(name)
        parent, _, child = name.rpartition(".")
        if parent in sys.modules and getattr(sys.modules[parent], child, None) is module:
            delattr(sys.modules[parent], child)


def locate_error(error: Exception) -> str:
    """``file:line: what``: where code of our own is broken."""
    words = f"{type(error).__name__}: {getattr(error, 'msg', error)}"
    if isinstance(error, SyntaxError):
        return f"{error.filename}:{error.lineno}: {words}"
    frames = [frame for frame in extract_tb(error.__traceback__) if Path(frame.filename).is_relative_to(PACKAGE)]
    return f"{frames[-1].filename}:{frames[-1].lineno}: {words}\n{frames[-1].line}" if frames else words


def report_while_serving(words: str, error: Exception | None = None) -> None:
    """Tell the author at the terminal, past MkDocs' own log.

    A strict build counts what stands there and gives up, and a server would then show no page; this problem is shown
    on its page.
    """
    logging.getLogger("raftstep").error("ERROR   -  raft: %s", words, exc_info=error)


def broken_page(words: str) -> str:
    """What every page shows while the generator is broken."""
    title = '<p class="admonition-title">The generator is broken; the next save that fixes it is shown</p>'
    return f'<div class="admonition failure raft-problem">{title}<pre>{escape(words)}</pre></div>'
