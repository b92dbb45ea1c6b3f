"""The pages on why each rule is there: the table of all, and a page for each rule with its two runs side by side."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from raftstep.scenario.model import PlayedScenario
from raftstep.scenario.proofs.certificate import (
    EXHAUSTIVE_BOUNDS,
    HARMLESS_BOUNDS,
    TIMED_EXHAUSTIVE_BOUNDS,
    SearchResult,
    StaleError,
    load_certificate,
)
from raftstep.scenario.proofs.comparison import RuleComparison, compare_runs
from raftstep.scenario.proofs.shortest_runs import find_shortest_run, search_ahead
from raftstep.scenario.proofs.stored_results import StoredResults
from raftstep.scenario.proofs.variants import VARIANTS, VARIANTS_BY_SLUG
from raftstep.simulation.explore.bounds import Bounds
from raftstep.simulation.invariants import PROPERTIES
from raftstep.site.exhibit import Exhibit, LinkTo
from raftstep.site.macros import load_macros

FOLDER = "internals/safety"

_SEARCH_MESSAGE = "Searching every schedule without {}"


class SafetyPages:
    """Every variant's shortest run, searched or certified, once a build; none where ``should_search`` is false.

    A certificate that does not hold, or a search that finds nothing, is a problem that names the command to run.
    """

    def __init__(
        self,
        cache: Path,
        show_progress: Callable[[str], None],
        *,
        should_search: bool = True,
    ) -> None:
        self.problems: list[str] = []
        self.comparisons: dict[str, RuleComparison] = {}
        self.exhausted_searches: dict[str, SearchResult] = {}
        self.harmless_searches: dict[str, SearchResult] = {}
        if not should_search:
            return
        stored_results = StoredResults(cache / "explore", show_progress)
        search_ahead(VARIANTS, stored_results, lambda slug: show_progress(_SEARCH_MESSAGE.format(slug)))
        for slug, variant in VARIANTS_BY_SLUG.items():
            if not variant.is_long and not stored_results.load(variant):
                show_progress(_SEARCH_MESSAGE.format(slug))
            try:
                self.comparisons[slug] = compare_runs(variant, find_shortest_run(variant, stored_results))
            except (StaleError, LookupError) as error:
                self.problems.append(str(error))
        for certificate_names, results in (
            (EXHAUSTIVE_BOUNDS | TIMED_EXHAUSTIVE_BOUNDS, self.exhausted_searches),
            (HARMLESS_BOUNDS, self.harmless_searches),
        ):
            for name in certificate_names:
                try:
                    results[name] = load_certificate(name)
                except StaleError as error:
                    self.problems.append(str(error))

    @cached_property
    def runs(self) -> dict[str, PlayedScenario]:
        """The runs by the names that fences use: ``safety/SLUG`` and ``safety/SLUG/kept``."""
        runs_by_name = {}
        for slug, comparison in self.comparisons.items():
            runs_by_name[f"safety/{slug}"] = comparison.run_without_rule
            runs_by_name[f"safety/{slug}/kept"] = comparison.run_with_rule
        return runs_by_name

    def pages(self) -> Iterator[tuple[str, str]]:
        """Each generated page: where it is, and its Markdown."""
        for slug, comparison in self.comparisons.items():
            yield f"{FOLDER}/{slug}.md", "\n".join(_rule_page(comparison, self._search_with_rule(comparison)))
            yield f"{FOLDER}/{slug}.yaml", comparison.run_without_rule.scenario.source

    def _search_with_rule(self, comparison: RuleComparison) -> SearchResult | None:
        """The search of the same bounds with the rule in, where it is certified."""
        return next(
            (search for search in self.exhausted_searches.values() if search.bounds == comparison.variant.bounds), None
        )

    def exhibits(self) -> dict[str, Exhibit]:
        """The tables of the main page."""
        return {
            "safety-rules": self._rules_table,
            "safety-exhausted": self._exhausted_table,
            "safety-harmless": self._harmless_table,
        }

    def _rules_table(self, link_to: LinkTo) -> str:
        rows_by_property: dict[str, list[dict[str, Any]]] = {}
        for slug, comparison in self.comparisons.items():
            row = {
                "href": link_to(f"{FOLDER}/{slug}/"),
                "sentence": comparison.variant.guard.sentence,
                "events": len(comparison.result.schedule or ()),
                "given": len(comparison.result.bounds.prefix),
                "states": f"{comparison.result.states:,}",
                "kind": _searched_by(comparison.result),
            }
            rows_by_property.setdefault(comparison.variant.broken_property, []).append(row)
        return str(_macros().rules(rows_by_property))

    def _exhausted_table(self, _: LinkTo) -> str:
        rows = [
            {"bounds": search.bounds.words, "states": f"{search.states:,}", "depth": f"{search.depth:,}"}
            for search in self.exhausted_searches.values()
        ]
        return str(_macros().exhausted(rows))

    def _harmless_table(self, _: LinkTo) -> str:
        rows = [
            {
                "sentence": guard.sentence,
                "bounds": search.bounds.words,
                "states": f"{search.states:,}",
                "depth": f"{search.depth:,}",
            }
            for search in self.harmless_searches.values()
            for guard in search.bounds.settings.without
        ]
        return str(_macros().harmless(rows))


_macros = partial(load_macros, "safety.html.jinja")


def _searched_by(search: SearchResult) -> str:
    return "certificate" if search.is_certified else "a build"


def _rule_page(comparison: RuleComparison, search_with_rule: SearchResult | None) -> Iterator[str]:
    variant, search = comparison.variant, comparison.result
    rule = variant.guard.sentence
    events = len(search.schedule or ())
    title = f"Without {variant.guard.slug.replace('-', ' ').replace('up to date', 'up-to-date')}"
    yield from ("---", f"title: {json.dumps(title, ensure_ascii=False)}")
    article = "A" if search.bounds.prefix else "The shortest"
    description = (
        f"What if this rule of Raft were gone? {article} run that breaks {variant.broken_property}, event by event."
    )
    yield from (f"description: {json.dumps(description)}", "hide: [navigation, toc]", "---", "")
    yield from ("# What if this rule were gone?", "", f"> {rule}", "")
    yield from (variant.story, "")
    sooner = ", and no sooner" if not search.bounds.prefix else ""
    yield from (
        f"Leave the rule out and **{variant.broken_property}** breaks after {events} events{sooner}.",
        _property_sentence(variant.broken_property),
        (
            "The first run leaves the rule out, the second keeps it, and the same things happen to both. "
            f"They part at [step {comparison.parting_step}](#step-{comparison.parting_step})."
        ),
        "",
    )
    yield from (f'```raft src="safety/{variant.guard.slug}" beside="safety/{variant.guard.slug}/kept"', "```", "")
    yield from ("## How this run was found", "")
    yield from _describe_search(search, variant.bounds, events)
    yield from _describe_search_with_rule(search_with_rule)
    yield from (
        "",
        "## The run as a schedule",
        "",
        "One line is one event. Messages that are not named are lost or late.",
    )
    yield from ("", "````yaml", comparison.run_without_rule.scenario.source.rstrip(), "````", "")
    others = [other for other in VARIANTS if other.broken_property == variant.broken_property and other is not variant]
    yield from ("## What else guards it", "")
    if others:
        yield from (f"- [{other.guard.sentence}]({other.guard.slug}.md)" for other in others)
    yield from ("", "All rules: [Safety arguments](../safety.md).", "")


def _property_sentence(property_name: str) -> str:
    properties: Mapping[str, str] = PROPERTIES
    sentence = properties.get(
        property_name, "A read returns what was last written before it, or something written meanwhile."
    )
    return f"That property says: *{sentence}*"


def _describe_search(search: SearchResult, bounds: Bounds, events: int) -> Iterator[str]:
    yield f"The bounds: {bounds.words}."
    yield "Within them any message may be lost, late, duplicated or out of order."
    if bounds.time_passes:
        yield "No time passes between two ticks; pictures spread what happens there over the time up to the next."
        yield "A follower starts no election until the shortest election timeout has passed on its own clock."
    chosen_count = len(search.bounds.prefix)
    if chosen_count:
        yield f"The first {chosen_count} events were chosen by hand, because a search from the start takes too long."
        yield "The search began after them, so a run that begins differently may be shorter."
    further = f" {events - chosen_count} more" if chosen_count else f" {events}"
    which = "every continuation of" if chosen_count else "every schedule of"
    yield (
        f"The search went through {search.states:,} states, {which} up to {search.depth:,} events among them, "
        f"and none of those breaks the property; this one of{further} events is the first that does."
    )
    if search.is_certified:
        yield "The search takes too long for a build, so its result is kept as a certificate, for this code only."
        yield "The build has played its run again, without the rule and with it."
    else:
        yield "A build makes this search itself, once for this code."


def _describe_search_with_rule(search: SearchResult | None) -> Iterator[str]:
    yield "With the rule in force, the same events break nothing."
    if search:
        yield (
            f"Nor does anything else within these bounds: with it the search was made to its end, through "
            f"{search.states:,} states, the farthest {search.depth:,} events away."
        )
