"""The scenarios that come with the package."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from raftstep.document.files import list_files, read_file
from raftstep.document.problem import printable_name
from raftstep.document.reading import UnreadableError

FOLDER = Path(__file__).resolve().parent / "library"

_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_RESERVED_IDS = ("index", "readme")
"""A page of this name stands for the list of all scenarios."""


@cache
def list_scenario_ids() -> tuple[str, ...]:
    """The ids of all shipped scenarios, sorted; the folder is read once a process."""
    return tuple(name for name in _list_names() if _is_id(name))


def list_misnamed_files() -> dict[str, str]:
    """What is wrong with the names of other YAML files in the folder, by the file."""
    return {
        f"{printable_name(name)}.yaml": (
            f'"{name}" is the name of the list of all scenarios; name the file otherwise'
            if name.lower() in _RESERVED_IDS
            else f'"{printable_name(name)}" cannot be in an address; use small letters, digits and single hyphens only'
        )
        for name in _list_names()
        if not _is_id(name)
    }


def _list_names() -> list[str]:
    return sorted(path.stem for path in list_files(FOLDER, ".yaml"))


def _is_id(name: str) -> bool:
    return _ID.fullmatch(name) is not None and name not in _RESERVED_IDS


def read_scenario_text(id: str) -> str | None:
    """The text of one shipped scenario; ``None`` where there is none of this id, or no longer.

    Bytes that are not UTF-8 are in it as *surrogate escapes*, and the loader reports them.
    """
    if id not in list_scenario_ids():
        return None
    try:
        return read_file(FOLDER / f"{id}.yaml").decode("utf-8", "surrogateescape")
    except UnreadableError:
        return None
