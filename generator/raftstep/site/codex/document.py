"""One data file of the Codex, read against its schema, with every mistake kept at its place."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from raftstep.scenario.model import Place
from raftstep.scenario.problem import Problem, Problems, problems
from raftstep.scenario.reading import Kind, UnreadableError, decoded, read, shown_as
from raftstep.scenario.schema import Complaint, complaints, spelt_out
from raftstep.scenario.value import Value
from raftstep.scenario.wording import found as named

DATA = Kind(name="a data file", begin="the id of an entry and a colon", shorten="split it into two files")


@dataclass(slots=True, kw_only=True)
class Document:
    """A data file: its values, and what is wrong with it. More may be found later by checks that see all files."""

    path: str
    source: str
    top: Value
    found: list[Complaint] = field(default_factory=list)

    def complain(self, place: Place, words: str) -> None:
        """Note one more mistake: ``words`` say what is wrong, then, after a semicolon, how to mend it."""
        self.found.append((place, words))

    def entries(self) -> Iterator[tuple[str, Place, Value]]:
        """Each entry: its id, where the id stands, and what is said under it."""
        for id, value in self.top.pairs():
            yield id, self.top.key_places[id], value

    def problems(self) -> Problems | None:
        """All mistakes found so far, or ``None``."""
        if not self.found:
            return None
        once = dict.fromkeys(self.found)
        return problems(
            self.path, self.source, (Problem(path=self.path, place=place, words=words) for place, words in once)
        )


def document(path: str, text: str | bytes, asked: dict[str, Any]) -> Document:
    """A data file whose top is a mapping from ids to entries. No input makes this raise."""
    try:
        source = decoded(text, DATA)
        reading = read(source, DATA)
    except UnreadableError as error:
        nothing = Value(place=error.place, fields={})
        return Document(path=path, source=shown_as(text), top=nothing, found=[(error.place, error.words)])
    top = reading.top
    if top.fields is None:
        words = f"expected entries, each under its id, found {named(top)}; begin with {DATA.begin}"
        return Document(path=path, source=source, top=Value(place=top.place, fields={}), found=[(top.place, words)])
    return Document(path=path, source=source, top=top, found=[*reading.twice, *complaints(top, asked)])


def documents(folder: Path, name: str, asked: dict[str, Any]) -> tuple[Document, ...]:
    """The files ``NAME.yaml`` and ``NAME/*.yaml`` of the folder of data, shown as ``docs/data/codex/NAME.yaml``."""
    paths = [folder / f"{name}.yaml", *sorted((folder / name).glob("*.yaml"))]
    above = "/".join(folder.parts[-3:])
    return tuple(
        document(f"{above}/{path.relative_to(folder).as_posix()}", path.read_bytes(), asked)
        for path in paths
        if path.is_file()
    )


@cache
def published(name: str) -> dict[str, Any]:
    """A schema kept beside this file, such as ``terms.schema.json``, spelt out."""
    text = (files("raftstep.site.codex") / f"{name}.schema.json").read_text(encoding="utf-8")
    return spelt_out(json.loads(text))
