"""The pages that each leave one rule out: what they say of their two runs is so."""

import re

from tests.site.conftest import Site

ALIKE = "Both runs are alike here"


def test_the_runs_on_a_rules_page_differ_from_the_step_at_which_they_part(site: Site) -> None:
    """From there on, down to the last step, at which a property breaks in one run alone; and nowhere before."""
    wrong: dict[str, list[int]] = {}
    for file in sorted(site.directory.glob("internals/safety/*/index.html")):
        text = file.read_text(encoding="utf-8")
        (parting,) = re.findall(r'They part at <a href="#step-(\d+)">', text)
        told = re.findall(r'<p class="raft-difference">(.+?)</p>', text, re.DOTALL)
        wrong[file.parent.name] = [
            step for step, words in enumerate(told, 1) if (step >= int(parting)) == (ALIKE in words)
        ]

    assert len(wrong) > 20
    assert {rule: steps for rule, steps in wrong.items() if steps} == {}
