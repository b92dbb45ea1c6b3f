"""A file that a command writes with ``-o``: whole, or not at all."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

from raftstep.cli.terminal import explain_os_error, say_error


def can_write_output(path: Path | None) -> bool:
    """Whether a file can be written there, as far as one can know before; says why not. No long work is then lost."""
    if path is None:
        return True
    try:
        if path.is_dir():
            return _refuse(path, "is a directory; choose a place that can be written, with the name of a file")
        if path.is_char_device():
            _write_nothing(path)
        elif not path.parent.is_dir():
            return _refuse(path, "no such file or directory; choose a place that can be written")
    except (OSError, ValueError) as error:
        return _refuse(path, f"{explain_os_error(error)}; choose a place that can be written")
    return True


def _write_nothing(path: Path) -> None:
    """Raise what a device would raise later: one that is full or gone takes not even nothing."""
    descriptor = os.open(path, os.O_WRONLY | getattr(os, "O_NOCTTY", 0))
    try:
        os.write(descriptor, b"")
    finally:
        os.close(descriptor)


def write_output(path: Path, text: str) -> bool:
    """Write a temporary file and move it into place, so that no half-written file is ever seen; says why it cannot be.

    What is there and is no regular file, such as a terminal or a pipe, is written to as it is.
    """
    if not can_write_output(path):
        return False
    try:
        if path.exists() and not path.is_file():
            path.write_text(text, encoding="utf-8")
        else:
            _replace_file(path.resolve(), text)
    except (OSError, ValueError, RuntimeError) as error:  # RuntimeError: a loop of links, before Python 3.13
        reason = explain_os_error(error) if isinstance(error, OSError | ValueError) else "too many links"
        return _refuse(path, f"{reason}; choose a place that can be written")
    return True


def _replace_file(path: Path, text: str) -> None:
    mode = path.stat().st_mode if path.exists() else None
    if mode is not None and not os.access(path, os.W_OK):
        raise PermissionError(None, "it cannot be written")
    partial_file = path.with_name(f".{uuid4().hex}.part")
    try:
        with partial_file.open("x", encoding="utf-8") as file:
            file.write(text)
        if mode is not None:
            partial_file.chmod(mode)
        partial_file.replace(path)
    except BaseException:
        with suppress(OSError):
            partial_file.unlink(missing_ok=True)
        raise


def _refuse(path: Path, words: str) -> bool:
    say_error(f"{path}: {words}")
    return False
