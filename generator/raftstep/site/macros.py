"""The site's Jinja2 templates: escaping on, undefined names are errors."""

from __future__ import annotations

from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("raftstep.site"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )


@cache
def load_macros(template: str) -> Any:
    """What a template offers, by its name."""
    return _environment().get_template(template).module


def render_template(template: str, **values: object) -> str:
    """A whole page from a template."""
    return _environment().get_template(template).render(**values)
