"""The schema of scenarios, ``scenario.schema.json``.

Editors complete from it, and every scenario is checked against it.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any

from raftstep.document.schema import Finding, check_against_schema, resolve_references
from raftstep.document.value import YamlValue


@cache
def scenario_schema() -> dict[str, Any]:
    """The schema as published, as data."""
    text = (files("raftstep.scenario") / "scenario.schema.json").read_text(encoding="utf-8")
    data: dict[str, Any] = json.loads(text)
    return data


@cache
def _resolved_schema() -> dict[str, Any]:
    return resolve_references(scenario_schema())


def check_scenario_schema(top: YamlValue) -> list[Finding]:
    """All that the schema finds wrong with a scenario; see :func:`~raftstep.document.schema.check_against_schema`."""
    return check_against_schema(top, _resolved_schema())
