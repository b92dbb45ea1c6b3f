"""A stepper on a page of its own, for other pages to show in a frame: no theme, no index, as small as it can be."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markdown import Markdown

from raftstep.scenario.model import Scenario
from raftstep.site.context import PageContext
from raftstep.site.extension import RaftExtension


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbedSettings:
    """What the bare page needs to know of the site: addresses relative to it, and the site's own name."""

    styles: tuple[str, ...]
    early_script: str
    script: str
    home: str
    canonical: str
    language: str
    site_name: str


@cache
def _template() -> Any:
    environment = Environment(loader=PackageLoader("raftstep.site"), autoescape=True, undefined=StrictUndefined)
    return environment.get_template("embed.html.jinja")


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbeddedStepper:
    """A stepper that stands by itself, as HTML, and what the scenario says of itself."""

    title: str
    summary: str
    body: str


def render_stepper(scenario: Scenario, context: PageContext) -> EmbeddedStepper:
    """A scenario's stepper; ``context`` gives the pictures and the links as for any other page."""
    figures: list[str] = []

    def store_figure(html: str) -> str:
        figures.append(html)
        return f"<!--raft:{len(figures) - 1}-->"

    context.keep = store_figure
    body = Markdown(extensions=[RaftExtension(context=context)]).convert(f'```raft src="{scenario.id}"\n```\n')
    html = re.sub(r"<!--raft:(\d+)-->", lambda match: figures[int(match[1])], body)
    return EmbeddedStepper(title=scenario.title, summary=scenario.summary, body=html)


def embed_page(stepper: EmbeddedStepper, settings: EmbedSettings) -> str:
    """The whole page as HTML."""
    return str(_template().render(scenario=stepper, frame=settings, body=stepper.body)) + "\n"


def embed_address(id: str) -> str:
    """Where a scenario's bare page is, below the site's own address."""
    return f"embed/{id}/"
