"""The rules of Multi-Paxos as an exhibit: each with its sentence, its place, and a step in which it fires."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from raftstep.core.paxos.rules import Rule
from raftstep.scenario.played import Played
from raftstep.simulation.multi_paxos import MULTI_PAXOS
from raftstep.site.exhibit import Exhibit, Href
from raftstep.site.macros import macros

SOURCE = "codex/sources/#lamport-2001-paxos-made-simple"
"""Where the bibliography has *Paxos Made Simple*."""


_macros = partial(macros, "paxos_rules.html.jinja")


def exhibits(played: Mapping[str, Played]) -> dict[str, Exhibit]:
    """The table, as ``paxos-rules``."""
    return {"paxos-rules": _table(played)}


def _table(everyone: Mapping[str, Played]) -> Callable[[Href], str]:
    def made(href: Href) -> str:
        rows = [
            {
                "name": rule.slug.replace("-", " "),
                "sentence": rule.sentence,
                "place": rule.source.removeprefix("2001 "),
                "seen": _seen(rule, everyone, href),
            }
            for rule in Rule
        ]
        return str(_macros().table(rows, href(SOURCE)))

    return made


def _seen(rule: Rule, everyone: Mapping[str, Played], href: Href) -> dict[str, str]:
    """A step that shows the rule, in the run in which it fires least: there it is seen most plainly."""
    firings = {
        id: times_ms
        for id, played in everyone.items()
        if played.trace.protocol == MULTI_PAXOS.name and not played.scenario.breaks
        if (times_ms := _times_ms(rule, played))
    }
    if not firings:
        raise ValueError(f"no shipped run shows the rule {rule.slug}; add a scenario in which it fires")
    id = min(firings, key=lambda one: (len(firings[one]), one))
    moments = everyone[id].moments
    number = next((moment.number for moment in moments if moment.time_ms >= firings[id][0]), len(moments))
    return {"href": href(f"scenarios/{id}/#step-{number}"), "words": everyone[id].scenario.title}


def _times_ms(rule: Rule, played: Played) -> list[int]:
    """When a rule fires in a run."""
    return [
        step.time_ms
        for step in played.trace.steps
        if step.outcome and any(fired.slug == rule.slug for fired in step.outcome.rules)
    ]
