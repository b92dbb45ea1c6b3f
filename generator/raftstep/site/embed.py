"""A stepper on a page of its own, for other pages to show in a frame: no theme, no index, as small as it can be."""

from __future__ import annotations

from dataclasses import dataclass

from markdown import Markdown

from raftstep.scenario.model import Scenario
from raftstep.site.extension import RaftExtension
from raftstep.site.host import Host
from raftstep.site.macros import render_template


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


def embed_page(scenario: Scenario, host: Host, settings: EmbedSettings, *, html: bool = False) -> str:
    """The whole page as HTML; ``host`` gives the stepper its pictures and links, as on any other page."""
    body = Markdown(extensions=[RaftExtension(host=host, html=html)]).convert(f'```raft src="{scenario.id}"\n```\n')
    return render_template("embed.html.jinja", scenario=scenario, frame=settings, body=body) + "\n"


def embed_address(id: str) -> str:
    """Where a scenario's bare page is, below the site's own address."""
    return f"embed/{id}/"
