"""What only ``mkdocs serve`` needs: the generator's present code, and pages that say what is wrong."""

from __future__ import annotations

import gc
import logging
import sys
import typing
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from html import escape
from pathlib import Path
from threading import Timer
from traceback import extract_tb, format_exc
from types import ModuleType
from typing import TYPE_CHECKING

from mkdocs.utils import CountHandler

from raftstep.document.files import digest_folder

if TYPE_CHECKING:
    from mkdocs.livereload import LiveReloadServer

PACKAGE = Path(__file__).resolve().parent.parent
LIBRARY = PACKAGE / "scenario" / "library"

COLLECT_AFTER_S = 0.5

MKDOCS_LOG = logging.getLogger("mkdocs")

_STAY_LOADED = ("raftstep.site", "raftstep.site.plugin", __name__)
"""Modules that a server does not load again: those that load the others."""


def digest_generator_files() -> str:
    """A digest of the generator's own files, but not of what the shipped scenarios say: that is read in every build."""
    return digest_folder(PACKAGE, by_name_only=LIBRARY)


def forget_modules() -> None:
    """Make the next import of each of our modules read its file again."""
    for name in [name for name in sys.modules if name.startswith("raftstep.") and name not in _STAY_LOADED]:
        module: ModuleType = sys.modules.pop(name)
        parent, _, child = name.rpartition(".")
        if parent in sys.modules and getattr(sys.modules[parent], child, None) is module:
            delattr(sys.modules[parent], child)
    for clear_cache in getattr(typing, "_cleanups", ()):  # they hold types, and those hold the modules
        clear_cache()
    gc.collect()  # or the old code's runs lie next to the new one's until the end of the build


def locate_error(error: BaseException) -> str:
    """``file:line: what``: where code of our own is broken."""
    words = f"{type(error).__name__}: {getattr(error, 'msg', error)}"
    if isinstance(error, SyntaxError):
        return f"{error.filename}:{error.lineno}: {words}"
    frames = [frame for frame in extract_tb(error.__traceback__) if Path(frame.filename).is_relative_to(PACKAGE)]
    return f"{frames[-1].filename}:{frames[-1].lineno}: {words}\n{frames[-1].line}" if frames else words


def describe_broken(words: str) -> str:
    """What every page shows while the generator is broken."""
    return _box("The generator is broken; the next save that fixes it is shown", words)


def describe_problems(problems: list[str]) -> str:
    """What a page shows of problems that have no place of their own, such as those of data files."""
    return _box("The build reports problems; the next save that fixes them is shown", "\n\n".join(problems))


def _box(title: str, words: str) -> str:
    return (
        '<div class="admonition failure raft-problem">'
        f'<p class="admonition-title">{title}</p><pre>{escape(words)}</pre></div>'
    )


# Builds that fail


def count_no_mistakes() -> None:
    """A server shows what is wrong; it does not end there as a strict build does, for then it shows nothing."""
    for handler in [handler for handler in MKDOCS_LOG.handlers if isinstance(handler, CountHandler)]:
        MKDOCS_LOG.removeHandler(handler)


def answer_always(server: LiveReloadServer) -> Callable[[], None]:
    """The server's builder, but one after whose failure each page says why.

    MkDocs itself lets every request wait until a build succeeds, also where the configuration is wrong.
    """
    builder, root = server.builder, Path(server.root)

    def build() -> None:
        pages = {*root.rglob("*.html"), root / "404.html"}
        with _collect_log() as messages:
            try:
                builder()
                return
            except (Exception, SystemExit) as error:
                words = "\n\n".join([*messages, locate_error(error)])
                MKDOCS_LOG.error("%s", str(error) if isinstance(error, SystemExit) else format_exc())
            finally:
                _collect_garbage_later()
        for page in pages:
            with suppress(OSError):  # a folder may have the name of a page
                page.parent.mkdir(parents=True, exist_ok=True)
                page.write_text(_FAILED_PAGE.format(_box(_FAILED, words)), encoding="utf-8")

    return build


def _collect_garbage_later() -> None:
    """Free what the build before left, once the pages are shown.

    A site's pages, files and runs refer to each other in circles, and Python may let half a dozen builds of them lie.
    """
    timer = Timer(COLLECT_AFTER_S, gc.collect)
    timer.daemon = True
    timer.start()


_FAILED = "The site cannot be built; the next save that fixes it is shown"

_FAILED_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>The site cannot be built</title>
<style>body {{ font: 1rem/1.5 system-ui, sans-serif; margin: 2rem }} pre {{ white-space: pre-wrap }}</style>
<body>{}</body>
</html>
"""


@contextmanager
def _collect_log() -> Iterator[list[str]]:
    """What MkDocs warns of meanwhile."""
    messages: list[str] = []
    handler = logging.Handler(logging.WARNING)
    handler.emit = lambda record: messages.append(record.getMessage())  # type: ignore[method-assign]
    MKDOCS_LOG.addHandler(handler)
    try:
        yield messages
    finally:
        MKDOCS_LOG.removeHandler(handler)
