"""The page of all rules."""

from __future__ import annotations

import re

from raftstep.core.rules import Rule
from raftstep.scenario.library import list_scenario_ids
from raftstep.scenario.model import PlayedScenario
from raftstep.scenario.shipped import play_shipped
from raftstep.site.rules_page import CHAPTERS, cite, rules_page

EVERYONE = {name: played for name in list_scenario_ids() if isinstance(played := play_shipped(name), PlayedScenario)}


def test_every_rule_has_its_place_its_sentence_and_its_source() -> None:
    """Style, *Rules and docstrings*: a rule carries a sentence and its place in the paper."""
    page = rules_page(EVERYONE)

    for rule in Rule:
        assert f"{{#{rule.slug}}}\n\n{rule.sentence} [{cite(rule.source)}]" in page


def test_a_rule_links_to_steps_in_which_it_fires() -> None:
    """The page claims that the rule can be seen there, so the run has to show it."""
    page = rules_page(EVERYONE)
    entry = page[page.index("{#truncate-conflict}") :].partition("###")[0]
    id, step = re.findall(r"scenarios/([\w-]+)\.md#step-(\d+)", entry)[0]
    trace, moments = EVERYONE[id].trace, EVERYONE[id].moments
    first = moments[int(step) - 2].shown_step.number + 1 if int(step) > 1 else 0

    fired = [
        one.outcome.rules for one in trace.steps[first : moments[int(step) - 1].shown_step.number + 1] if one.outcome
    ]

    assert any(Rule.TRUNCATE_CONFLICT in rules for rules in fired)


def test_the_chapters_begin_in_the_order_of_the_rules() -> None:
    """A chapter that began before the one above would swallow its rules."""
    order = list(Rule)

    assert [order.index(rule) for rule in CHAPTERS.values()] == sorted(order.index(rule) for rule in CHAPTERS.values())
    assert next(iter(CHAPTERS.values())) is order[0]


def test_a_source_becomes_citations() -> None:
    """CONTRIBUTING, *Adding to the Codex*: sources are cited by id, and `Rule.source` is written for people."""
    assert cite("§5.3, Figure 2 (AppendEntries, step 5)") == (
        "@ongaro-2014-raft §5.3, Figure 2 (AppendEntries, step 5)"
    )
    assert cite("Ongaro 2015, dissertation errata") == ("@ongaro-2015-membership-bug; @ongaro-2014-dissertation errata")
