"""Results of searches, stored in a folder from one build to the next, and believed only as far as they are checked.

A folder of results may be damaged, may come from another machine, or may be no folder at all. So a result is plain
text with a digest of what it says and of the code that it holds for; its schedule must be one that the search can have
found; and whatever is not so is thrown away and made again. Where nothing can be stored, a build takes longer.

The digest finds damage, not forgery, for it has no key: anybody who can write to the folder can change how many states
a search is said to have seen, which nothing but the search itself could show.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from raftstep.document.damage import describe_damage
from raftstep.document.files import MissingError, read_file
from raftstep.document.reading import FileKind
from raftstep.scenario.proofs.certificate import SearchResult, check_counts, check_depth, confirm_run, digest
from raftstep.scenario.proofs.variants import Variant
from raftstep.scenario.schedule import read_schedule, write_schedule
from raftstep.simulation.explore.raft import raft_model
from raftstep.simulation.explore.result import ALL_NODES, ScheduledEvent

RESULT_FILE = FileKind(name="a stored result", first_lines="a brace", shorten_advice="remove it")

TEMPORARY_PREFIX = ".raftstep-"
SWEEP_AFTER_S = 3600


class StoredResults:
    """The results of one folder, and those of this process. ``report`` gets a line for whatever goes wrong."""

    def __init__(self, folder: Path | None = None, report: Callable[[str], object] = lambda _: None) -> None:
        self.folder = folder
        self.report = report
        self._results: dict[str, SearchResult] = {}
        self._can_write = folder is not None

    def load(self, variant: Variant) -> SearchResult | None:
        """A variant's result; ``None`` where none is stored that holds."""
        slug = variant.guard.slug
        if slug not in self._results and self.folder:
            path = result_path(self.folder, variant)
            try:
                self._results[slug] = _read_result(variant, read_file(path, RESULT_FILE))
            except MissingError:
                return None
            except Exception as error:  # a damaged file may lead to any
                self.report(f"{path} is damaged, so this search is made again ({describe_damage(error)})")
        return self._results.get(slug)

    def save(self, variant: Variant, result: SearchResult) -> None:
        """Store a result, whole or not at all, even if others write too; else keep it in this process."""
        self._results[variant.guard.slug] = result
        if not self.folder or not self._can_write:
            return
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._sweep(self.folder)
            _write_whole(result_path(self.folder, variant), _write_result(variant, result))
        except OSError as error:
            self._can_write = False
            self.report(f"{self.folder}: results of searches cannot be stored, and are made again next time ({error})")

    @staticmethod
    def _sweep(folder: Path) -> None:
        """Remove what was being written when a build was killed."""
        for path in folder.glob(f"{TEMPORARY_PREFIX}*"):
            with suppress(OSError):
                if path.lstat().st_mtime < time.time() - SWEEP_AFTER_S:
                    path.unlink()


def result_path(folder: Path, variant: Variant) -> Path:
    """Where a variant's result is stored; the name says what it depends on."""
    return folder / f"{variant.guard.slug}-{digest(variant.broken_bounds)}.json"


def _write_whole(path: Path, text: str) -> None:
    with NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, prefix=TEMPORARY_PREFIX, delete=False) as file:
        partial_file = Path(file.name)
        try:
            file.write(text)
            file.close()
            partial_file.replace(path)
        except BaseException:
            with suppress(OSError):
                partial_file.unlink()
            raise


def _write_result(variant: Variant, result: SearchResult) -> str:
    content = {
        "states": result.states,
        "depth": result.depth,
        "script": write_schedule(variant.broken_bounds, result.schedule or ()),
    }
    return json.dumps({"digest": _digest_content(variant, content), **content})


def _digest_content(variant: Variant, content: Mapping[str, Any]) -> str:
    """A digest of what a result says, and of what it holds for."""
    parts = [variant.guard.slug, digest(variant.broken_bounds), content["states"], content["depth"], content["script"]]
    return sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def _read_result(variant: Variant, text: bytes) -> SearchResult:
    """A result from its text. Raises whatever it may where that is not as it was written, or not true."""
    content = json.loads(text)
    if content["digest"] != _digest_content(variant, content):
        raise ValueError("it is not as it was written")
    schedule = read_schedule(variant.broken_bounds, content["script"])
    states, depth = content["states"], content["depth"]
    check_counts(states, depth)
    check_depth(variant.broken_bounds, schedule, depth)
    if not _is_possible(variant, schedule):
        raise ValueError("its run is none that the search goes through")
    confirm_run(variant, schedule)
    return SearchResult(bounds=variant.broken_bounds, states=states, depth=depth, schedule=schedule, is_certified=False)


def _is_possible(variant: Variant, schedule: tuple[ScheduledEvent, ...]) -> bool:
    """Whether each event is one that the search's own nodes may choose, with its very command, or a message's arrival.

    Nothing that somebody else wrote into a result can thus reach a page.
    """
    model = raft_model(variant.broken_bounds)
    nodes: list[Any] = list(model.nodes)
    for event in schedule[len(variant.broken_bounds.prefix) :]:
        if event.node_index == ALL_NODES:
            if model.time is None or event.given != model.time.given:
                return False
            nodes = [model.time.advance(node) for node in nodes]
            if None in nodes:
                return False
            continue
        node = nodes[event.node_index]
        if not event.is_delivery and event.given not in [act.given for act in model.possible_acts(node)]:
            return False
        effect = (model.receive if event.is_delivery else model.perform)(node, event.given)
        nodes[event.node_index] = effect.node
    return True
