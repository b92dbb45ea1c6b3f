"""What a build made, kept for the next one in a single file.

All of it was made in one *state*: of the generator's own files, the data, the settings, Python and the libraries that
draw. The file begins with its state, and one of any other state is not used: so nothing in it can be out of date. What
a page itself adds, such as the text of its fences, is part of each entry's key.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from hashlib import file_digest, sha256
from importlib.metadata import version
from io import BufferedRandom, BytesIO
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")

LIBRARIES = ("Jinja2", "jsonschema", "Markdown", "MarkupSafe", "mkdocs", "PyYAML")
"""What takes part in what is kept, beside the generator."""


def state(folders: Iterable[Path], *facts: object) -> str:
    """A digest of every file in some folders, of the versions of all that takes part, and of what else matters."""
    digest = sha256(repr((sys.version, [version(name) for name in LIBRARIES], facts)).encode())
    for number, folder in enumerate(folders):
        for path in _files(folder):
            data = path.read_bytes()
            digest.update(f"{number} {path.relative_to(folder).as_posix()} {len(data)}\n".encode())
            digest.update(data)
    return digest.hexdigest()


def _files(folder: Path) -> Iterator[Path]:
    for inner, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name != "__pycache__")
        yield from (Path(inner, name) for name in sorted(names))


class Store:
    """The things kept, each under a key. Without a ``file`` nothing is kept from build to build.

    ``state_now`` is asked before anything is made and again before all is written: where the two differ, something
    changed while it was used, and nothing is written.
    """

    def __init__(self, file: Path | None, state_now: Callable[[], str]) -> None:
        self._file = file
        self._state_now = state_now
        self._state = state_now() if file else ""
        self._before = _read(file, self._state) if file else {}
        self._after: dict[str, bytes] = {}

    def once(self, key: tuple[object, ...], make: Callable[[], T], /) -> T:
        """What ``make`` returned when it was first called with this key. The key must tell all that ``make`` does."""
        name = repr(key)
        known = self._after.get(name) or self._before.get(name)
        if known is not None:
            with contextlib.suppress(pickle.UnpicklingError):
                value: T = _unpickled(known)
                self._after[name] = known
                return value
        value = make()
        if self._file:
            self._after[name] = pickle.dumps(value, pickle.HIGHEST_PROTOCOL)
        return value

    def save(self) -> None:
        """Keep what was asked for since the start, and nothing else. Where the file cannot be written, so be it."""
        if not self._file or self._after.keys() == self._before.keys() or self._state_now() != self._state:
            return
        with contextlib.suppress(OSError):
            self._file.parent.mkdir(parents=True, exist_ok=True)
            handle, beside = tempfile.mkstemp(dir=self._file.parent, prefix=f"{self._file.name}.")
            try:
                with os.fdopen(handle, "w+b") as new:
                    _write(new, self._state, self._after)
                Path(beside).replace(self._file)  # whole or not at all, whoever else writes at the same time
            except OSError:
                Path(beside).unlink()


def _write(new: BufferedRandom, state: str, things: dict[str, bytes]) -> None:
    start = len(state) + sha256().digest_size
    new.seek(start)
    pickle.dump(things, new, pickle.HIGHEST_PROTOCOL)
    new.flush()
    new.seek(start)
    digest = file_digest(new, "sha256").digest()
    new.seek(0)
    new.write(state.encode() + digest)


def _read(file: Path, wanted: str) -> dict[str, bytes]:
    """What a file holds, if it is whole and of the state that is wanted."""
    with contextlib.suppress(OSError, pickle.UnpicklingError), file.open("rb") as kept:
        if kept.read(len(wanted)) == wanted.encode():
            digest, data = kept.read(sha256().digest_size), kept.read()
            if sha256(data).digest() == digest:
                found: dict[str, bytes] = _unpickled(data)
                return found
    return {}


class _Unpickler(pickle.Unpickler):
    """Makes values of our own classes only, so that a file from elsewhere can call nothing."""

    def find_class(self, module: str, name: str) -> Any:
        if module.startswith("raftstep."):
            found = super().find_class(module, name)
            if isinstance(found, type) and found.__module__ == module:
                return found
        raise pickle.UnpicklingError(f"{module}.{name} has no place in a store")


def _unpickled(data: bytes) -> Any:
    return _Unpickler(BytesIO(data)).load()
