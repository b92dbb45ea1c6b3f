"""The scenarios that come with the package."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

_FOLDER = files("raftstep.scenario") / "library"


@cache
def list_scenario_ids() -> tuple[str, ...]:
    """The ids of all shipped scenarios, sorted; the folder is read once a process."""
    if not _FOLDER.is_dir():
        return ()
    file_names = (entry.name for entry in _FOLDER.iterdir() if entry.is_file())
    return tuple(sorted(name.removesuffix(".yaml") for name in file_names if name.endswith(".yaml")))


def read_scenario_text(id: str) -> str | None:
    """The text of one shipped scenario; ``None`` where there is none of this id."""
    return (_FOLDER / f"{id}.yaml").read_text(encoding="utf-8") if id in list_scenario_ids() else None
