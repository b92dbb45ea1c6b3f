"""The pages on why each rule is there: the table of all, and a page for each rule with its two runs side by side."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from raftstep.scenario.played import Played
from raftstep.scenario.proofs.certificate import EXHAUSTED, EXHAUSTED_IN_TIME, HARMLESS, Found, StaleError, certified
from raftstep.scenario.proofs.shortest import kept_at, search_ahead, shortest
from raftstep.scenario.proofs.show import Comparison, compare
from raftstep.scenario.proofs.variants import BY_SLUG, VARIANTS
from raftstep.simulation.explore.bounds import Bounds
from raftstep.simulation.invariants import PROPERTIES
from raftstep.site.exhibit import Exhibit, Href
from raftstep.site.macros import macros

FOLDER = "internals/safety"

_SEARCHING = "Searching every schedule without {}"


class Safety:
    """Every variant's shortest run, searched or certified, once a build; none where they are not ``wanted``.

    A certificate that does not hold, or a search that finds nothing, is reported with the command that mends it.
    """

    def __init__(
        self, cache: Path, report: Callable[[str], None], tell: Callable[[str], None], *, wanted: bool = True
    ) -> None:
        self.comparisons: dict[str, Comparison] = {}
        self.exhausted: dict[str, Found] = {}
        self.harmless: dict[str, Found] = {}
        if not wanted:
            return
        search_ahead(VARIANTS, cache / "explore", lambda slug: tell(_SEARCHING.format(slug)))
        for slug, variant in BY_SLUG.items():
            if not variant.long and not kept_at(variant, cache / "explore").is_file():
                tell(_SEARCHING.format(slug))
            try:
                self.comparisons[slug] = compare(variant, shortest(variant, cache / "explore"))
            except (StaleError, LookupError) as mistake:
                report(str(mistake))
        for names, kept in ((EXHAUSTED | EXHAUSTED_IN_TIME, self.exhausted), (HARMLESS, self.harmless)):
            for name in names:
                try:
                    kept[name] = certified(name)
                except StaleError as mistake:
                    report(str(mistake))

    @property
    def runs(self) -> dict[str, Played]:
        """The runs by the names that fences use: ``safety/SLUG`` and ``safety/SLUG/kept``."""
        found = {}
        for slug, one in self.comparisons.items():
            found[f"safety/{slug}"] = one.without
            found[f"safety/{slug}/kept"] = one.kept
        return found

    def pages(self) -> Iterator[tuple[str, str]]:
        """Each generated page: where it stands, and its Markdown."""
        for slug, one in self.comparisons.items():
            yield f"{FOLDER}/{slug}.md", "\n".join(_page(one, self._to_the_end(one)))
            yield f"{FOLDER}/{slug}.yaml", one.without.scenario.source

    def _to_the_end(self, one: Comparison) -> Found | None:
        """The search of the same bounds with the rule in, where it is certified."""
        return next((found for found in self.exhausted.values() if found.bounds == one.variant.bounds), None)

    def exhibits(self) -> dict[str, Exhibit]:
        """The tables of the main page."""
        return {
            "safety-rules": self._rules,
            "safety-exhausted": self._exhausted,
            "safety-harmless": self._harmless,
        }

    def _rules(self, href: Href) -> str:
        groups: dict[str, list[dict[str, Any]]] = {}
        for slug, one in self.comparisons.items():
            row = {
                "href": href(f"{FOLDER}/{slug}/"),
                "sentence": one.variant.guard.sentence,
                "events": len(one.found.schedule or ()),
                "given": len(one.found.bounds.after),
                "states": f"{one.found.states:,}",
                "kind": _kind(one.found),
            }
            groups.setdefault(one.variant.breaks, []).append(row)
        return str(_macros().rules(groups))

    def _exhausted(self, _: Href) -> str:
        rows = [
            {"bounds": found.bounds.words, "states": f"{found.states:,}", "depth": found.depth}
            for found in self.exhausted.values()
        ]
        return str(_macros().exhausted(rows))

    def _harmless(self, _: Href) -> str:
        rows = [
            {
                "sentence": guard.sentence,
                "bounds": found.bounds.words,
                "states": f"{found.states:,}",
                "depth": found.depth,
            }
            for found in self.harmless.values()
            for guard in found.bounds.settings.without
        ]
        return str(_macros().harmless(rows))


_macros = partial(macros, "safety.html.jinja")


def _kind(found: Found) -> str:
    return "certificate" if found.certified else "a build"


def _page(one: Comparison, kept: Found | None) -> Iterator[str]:
    variant, found = one.variant, one.found
    rule = variant.guard.sentence
    events = len(found.schedule or ())
    title = f"Without {variant.guard.slug.replace('-', ' ').replace('up to date', 'up-to-date')}"
    yield from ("---", f"title: {json.dumps(title, ensure_ascii=False)}")
    run = "A" if found.bounds.after else "The shortest"
    description = f"What if this rule of Raft were gone? {run} run that breaks {variant.breaks}, event by event."
    yield from (f"description: {json.dumps(description)}", "hide: [navigation, toc]", "---", "")
    yield from ("# What if this rule were gone?", "", f"> {rule}", "")
    yield from (variant.story, "")
    sooner = ", and no sooner" if not found.bounds.after else ""
    yield from (
        f"Leave the rule out and **{variant.breaks}** breaks after {events} events{sooner}.",
        _promise(variant.breaks),
        (
            "The first run leaves the rule out, the second keeps it, and the same things happen to both. "
            f"They part at [step {one.parting}](#step-{one.parting})."
        ),
        "",
    )
    yield from (f'```raft src="safety/{variant.guard.slug}" beside="safety/{variant.guard.slug}/kept"', "```", "")
    yield from ("## How this run was found", "")
    yield from _search(found, variant.bounds, events)
    yield from _with_the_rule(kept)
    yield from (
        "",
        "## The run as a schedule",
        "",
        "One line is one event. Messages that are not named are lost or late.",
    )
    yield from ("", "````yaml", one.without.scenario.source.rstrip(), "````", "")
    others = [other for other in VARIANTS if other.breaks == variant.breaks and other is not variant]
    yield from ("## What else guards it", "")
    if others:
        yield from (f"- [{other.guard.sentence}]({other.guard.slug}.md)" for other in others)
    yield from ("", "All rules: [Safety arguments](../safety.md).", "")


def _promise(name: str) -> str:
    known: Mapping[str, str] = PROPERTIES
    sentence = known.get(name, "A read returns what was last written before it, or something written meanwhile.")
    return f"That property says: *{sentence}*"


def _search(found: Found, bounds: Bounds, events: int) -> Iterator[str]:
    yield f"The bounds: {bounds.words}."
    yield "Within them messages may be lost, late, doubled and out of order as they like."
    if bounds.timed:
        yield "Time stands still between two ticks; pictures spread what happens there over the time up to the next."
        yield "A follower stands no sooner than the least election timeout after its timer started, by its own clock."
    given = len(found.bounds.after)
    if given:
        yield f"The first {given} events were chosen by hand, for from the start the search would be too long."
        yield "It began after them, so a run that begins otherwise may be shorter."
    further = f" {events - given} more" if given else f" {events}"
    which = "every way to go on for" if given else "every schedule of"
    yield (
        f"The search went through {found.states:,} states, {which} up to {found.depth} events among them, "
        f"and none of those breaks the property; this one of{further} events is the first that does."
    )
    if found.certified:
        yield "It is too long for a build: the result is kept as a certificate, which holds for exactly this code."
        yield "The build has played its run again, without the rule and with it."
    else:
        yield "A build makes this search itself, once for this code."


def _with_the_rule(kept: Found | None) -> Iterator[str]:
    yield "With the rule in, the same events break nothing."
    if kept:
        yield (
            f"Nor does anything else within these bounds: with it the search was made to its end, through "
            f"{kept.states:,} states, the farthest {kept.depth} events away."
        )
