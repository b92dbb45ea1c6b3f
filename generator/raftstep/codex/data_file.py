"""One data file of the Codex, read against its schema, with every mistake kept at its place."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from raftstep.document.files import is_inside, list_files, read_file
from raftstep.document.problem import Place, Problem, Problems, sort_problems
from raftstep.document.reading import FileKind, UnreadableError, decode_text, make_printable, parse_yaml
from raftstep.document.schema import Finding, check_against_schema, resolve_references
from raftstep.document.value import YamlValue
from raftstep.document.wording import describe_value

DATA_FILE_KIND = FileKind(
    name="a data file", first_lines="the id of an entry and a colon", shorten_advice="split it into two files"
)


@dataclass(slots=True, kw_only=True)
class Document:
    """A data file: its values, and what is wrong with it. More may be found later by checks that see all files."""

    path: str
    source: str
    top: YamlValue
    mistakes: list[Finding] = field(default_factory=list)

    def add_mistake(self, place: Place, words: str) -> None:
        """Note one more mistake: ``words`` say what is wrong, then, after a semicolon, how to fix it."""
        self.mistakes.append((place, words))

    def entries(self) -> Iterator[tuple[str, Place, YamlValue]]:
        """Each entry: its id, where the id is, and what is said under it."""
        for id, value in self.top.pairs():
            yield id, self.top.key_places[id], value

    def problems(self) -> Problems | None:
        """All mistakes found so far, or ``None``."""
        if not self.mistakes:
            return None
        unique_mistakes = dict.fromkeys(self.mistakes)
        return sort_problems(
            self.path,
            self.source,
            (Problem(path=self.path, place=place, words=words) for place, words in unique_mistakes),
        )


def read_document(path: str, text: str | bytes, schema: dict[str, Any]) -> Document:
    """A data file whose top is a mapping from ids to entries. No input makes this raise."""
    try:
        source = decode_text(text, DATA_FILE_KIND)
        reading = parse_yaml(source, DATA_FILE_KIND)
    except UnreadableError as error:
        empty = YamlValue(place=error.place, fields={})
        return Document(path=path, source=make_printable(text), top=empty, mistakes=[(error.place, error.words)])
    top = reading.top
    if top.fields is None:
        words = (
            f"expected entries, each under its id, found {describe_value(top)}; begin with {DATA_FILE_KIND.first_lines}"
        )
        return Document(
            path=path, source=source, top=YamlValue(place=top.place, fields={}), mistakes=[(top.place, words)]
        )
    return Document(
        path=path, source=source, top=top, mistakes=[*reading.duplicate_keys, *check_against_schema(top, schema)]
    )


def read_documents(folder: Path, name: str, schema: dict[str, Any]) -> tuple[Document, ...]:
    """The files ``NAME.yaml`` and ``NAME/*.yaml`` of the folder of data, shown as ``docs/data/codex/NAME.yaml``."""
    paths = [path for path in list_files(folder, ".yaml") if path == folder / f"{name}.yaml"]
    paths += list_files(folder / name, ".yaml")
    folder_name = "/".join(folder.parts[-3:])
    return tuple(
        _read_file(path, f"{folder_name}/{path.relative_to(folder).as_posix()}", folder, schema) for path in paths
    )


def _read_file(path: Path, shown_path: str, folder: Path, schema: dict[str, Any]) -> Document:
    try:
        if not is_inside(path, folder):
            raise UnreadableError(
                Place(line=1, column=1), "this leads out of the folder of data; put the file itself there"
            )
        return read_document(shown_path, read_file(path, DATA_FILE_KIND), schema)
    except UnreadableError as error:
        empty = YamlValue(place=error.place, fields={})
        return Document(path=shown_path, source="", top=empty, mistakes=[(error.place, error.words)])


@cache
def load_schema(name: str) -> dict[str, Any]:
    """A schema in the same folder as this file, such as ``terms.schema.json``, spelt out."""
    text = (files("raftstep.codex") / f"{name}.schema.json").read_text(encoding="utf-8")
    return resolve_references(json.loads(text))
