"""The page of all rules."""

from __future__ import annotations

import re

from raftstep.core.rules import Rule
from raftstep.scenario.library import names
from raftstep.scenario.played import Played
from raftstep.scenario.shipped import shipped
from raftstep.site.rules_page import SUBJECTS, citation, rules_page

EVERYONE = {name: played for name in names() if isinstance(played := shipped(name), Played)}


def test_every_rule_has_its_place_its_sentence_and_its_source() -> None:
    page = rules_page(EVERYONE)

    for rule in Rule:
        assert f"{{#{rule.slug}}}\n\n{rule.sentence} [{citation(rule.source)}]" in page


def test_a_rule_links_to_steps_in_which_it_fires() -> None:
    page = rules_page(EVERYONE)
    entry = page[page.index("{#truncate-conflict}") :].partition("###")[0]
    id, step = re.findall(r"scenarios/([\w-]+)\.md#step-(\d+)", entry)[0]
    trace, moments = EVERYONE[id].trace, EVERYONE[id].moments
    first = moments[int(step) - 2].shown.number + 1 if int(step) > 1 else 0

    fired = [one.outcome.rules for one in trace.steps[first : moments[int(step) - 1].shown.number + 1] if one.outcome]

    assert any(Rule.TRUNCATE_CONFLICT in rules for rules in fired)


def test_the_chapters_begin_in_the_order_of_the_rules() -> None:
    order = list(Rule)

    assert [order.index(rule) for rule in SUBJECTS.values()] == sorted(order.index(rule) for rule in SUBJECTS.values())
    assert next(iter(SUBJECTS.values())) is order[0]


def test_a_source_becomes_citations() -> None:
    assert citation("§5.3, Figure 2 (AppendEntries, step 5)") == (
        "@ongaro-2014-raft §5.3, Figure 2 (AppendEntries, step 5)"
    )
    assert citation("Ongaro 2015, dissertation errata") == (
        "@ongaro-2015-membership-bug; @ongaro-2014-dissertation errata"
    )
