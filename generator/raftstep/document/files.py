"""Files that people write by hand, read with care: only regular files of a bounded size, wherever a name may lead.

A folder may hold a pipe, a device, a link that leads out of it or nowhere, or what an editor leaves next to a file that
is open in it. None of them is waited for, read to no end, or shown.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

from raftstep.document.problem import Place
from raftstep.document.reading import SCENARIO_FILE, FileKind, UnreadableError, describe_too_large
from raftstep.limits import FILE_BYTES

_NO_FILE = {
    stat.S_IFDIR: "a directory",
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}

_LEFT_BESIDE = re.compile(r"\..*|#.*|.*~|.*\.py[co]|__pycache__")
"""What editors and Python leave next to files: locks, backups, compiled code. Nothing hidden is data either."""


class MissingError(UnreadableError):
    """There is no such file, or it may not be read."""


def read_file(path: Path, kind: FileKind = SCENARIO_FILE) -> bytes:
    """What a file holds. Raises :class:`UnreadableError`, with a sentence, for whatever is no file of this kind."""
    try:
        _refuse_other(path.stat(), kind)
        # A pipe may have taken its place meanwhile; opened so, it does not wait for a writer.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        with open(descriptor, "rb") as file:  # noqa: PTH123 - of a descriptor
            _refuse_other(os.fstat(descriptor), kind)
            return file.read(FILE_BYTES.most + 1)
    except (OSError, ValueError, RuntimeError) as error:  # a name may hold NUL, and links lead round in circles
        reason = (getattr(error, "strerror", None) or "cannot be read").lower()
        raise MissingError(Place(line=1, column=1), f"{reason}; give a file that is there") from None


def _refuse_other(status: os.stat_result, kind: FileKind) -> None:
    if not stat.S_ISREG(status.st_mode):
        what = _NO_FILE.get(stat.S_IFMT(status.st_mode), "not a regular file")
        raise UnreadableError(Place(line=1, column=1), f"this is {what}; give a file")
    if status.st_size > FILE_BYTES.most:
        raise UnreadableError(Place(line=1, column=1), describe_too_large(status.st_size, kind))


def is_inside(path: Path, folder: Path) -> bool:
    """Whether a path leads to something within a folder, after all links."""
    try:
        return path.resolve().is_relative_to(folder.resolve())
    except (OSError, ValueError, RuntimeError):
        return False


def is_plain_file(path: Path) -> bool:
    """Whether this is a regular file, after all links; what is not there is none."""
    try:
        return stat.S_ISREG(path.stat().st_mode)
    except (OSError, ValueError):
        return False


def list_files(folder: Path, suffix: str = "") -> list[Path]:
    """The regular files of a folder itself, sorted, but not what editors leave there; none where it cannot be read."""
    try:
        paths = [path for path in folder.iterdir() if path.name.endswith(suffix)]
    except OSError:
        return []
    return sorted(path for path in paths if is_plain_file(path) and not _LEFT_BESIDE.fullmatch(path.name))


def digest_folder(folder: Path, *, by_name_only: Path | None = None) -> str:
    """A digest of the files in a folder, by their names, sizes and when they were last changed.

    Of the files that lie in ``by_name_only`` it is by the names alone.
    """
    digest = sha256()
    for path, status in sorted(_walk(folder)):
        change = "" if path.parent == by_name_only else f"{status.st_mtime_ns} {status.st_size}"
        digest.update(f"{path.relative_to(folder).as_posix()}\0{change}\0".encode(errors="surrogateescape"))
    return digest.hexdigest()


def _walk(folder: Path) -> Iterator[tuple[Path, os.stat_result]]:
    """Each regular file with its status; what vanishes meanwhile, and folders that cannot be read, are passed over."""
    for parent, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not _LEFT_BESIDE.fullmatch(name)]
        for name in names:
            path = Path(parent, name)
            try:
                status = path.stat()
            except OSError:
                continue
            if stat.S_ISREG(status.st_mode) and not _LEFT_BESIDE.fullmatch(name):
                yield path, status
