"""What TLC says of our runs and models, as exhibits: tables from the records of ``tests/tools``."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

from raftstep.document.files import read_file
from raftstep.document.reading import UnreadableError
from raftstep.site.exhibit import Exhibit, LinkTo
from raftstep.site.macros import load_macros
from raftstep.site.search_records import RECORD_FILE

MODELS, PUBLISHED = "tla-models.json", "published-raft.json"

MAKERS = {
    MODELS: "python -m tests.tools.measure_models",
    PUBLISHED: "python -m tests.tools.published_raft PATH/TO/raft.tla --record",
}
"""What writes each record."""

STEPS = {
    "as it is": "Allowed as they are",
    "batch": "Allowed as several requests of one entry each",
    "commit kept": "Allowed but for a commit index that we do not lower",
    "not allowed": "Not allowed",
}
"""The verdicts on steps, in the order of the columns."""

_macros = partial(load_macros, "second_opinion.html.jinja")


def exhibits(data: Path) -> dict[str, Exhibit]:
    """The tables: ``tla-runs`` of runs and the published specification, ``tla-models`` of bounded models."""

    def render_runs(_href: LinkTo) -> str:
        rows = [
            [f"{row['runs']} {row['kind']} runs", *(f"{row['steps'][verdict]:,}" for verdict in STEPS)]
            for row in read_published(data / PUBLISHED)["runs"]
        ]
        return str(_macros().runs(list(STEPS.values()), rows))

    def render_models(_href: LinkTo) -> str:
        rows = [
            [model["bounds"], *(f"{model[name]:,}" for name in ("states", "our_states", "events", "merged_states"))]
            for model in read_models(data / MODELS)
        ]
        return str(_macros().models(rows))

    return {"tla-runs": render_runs, "tla-models": render_models}


def read_models(path: Path) -> list[dict[str, Any]]:
    """The record of the models; raises :class:`ValueError` with how to make it again where it cannot be read."""
    models: list[dict[str, Any]] = _read(path)
    return models


def read_published(path: Path) -> dict[str, Any]:
    """The record of the published specification; raises :class:`ValueError` likewise."""
    published: dict[str, Any] = _read(path)
    return published


def _read(path: Path) -> Any:
    try:
        return json.loads(read_file(path, RECORD_FILE))
    except (UnreadableError, ValueError, RecursionError) as error:
        raise ValueError(f"{path.name} cannot be read ({error}); renew it with: {MAKERS[path.name]}") from error
