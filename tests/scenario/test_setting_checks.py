"""Settings that cannot work together are refused, each with the reason and a way out."""

import pytest

from raftstep.core.guards import Guard
from raftstep.core.model import ReadMode, Settings
from raftstep.core.paxos.guards import Guard as PaxosGuard
from raftstep.document.problem import Problems
from raftstep.scenario.load import load
from raftstep.simulation.explore.bounds import Bounds
from raftstep.simulation.plan import Setup
from raftstep.simulation.setup_checks import check_setup
from tests.scenario.loading import PLAIN_HEADER, STEPS, load_mistakes, load_scenario, only_mistake
from tests.scenario.schedules import ELECTION

LEASE = Settings(reads=ReadMode.LEASE)


def scenario(settings: str, happens: str = "") -> str:
    return f"{PLAIN_HEADER}settings: {{{settings}}}\n{happens}{STEPS}"


def schedule(settings: str, first_event: str = "timeout: S1") -> str:
    return ELECTION.replace("script:", f"settings: {{{settings}}}\nscript:").replace("timeout: S1", first_event, 1)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param(
            scenario("reads: lease"),
            '5:12: a lease needs "leader_stickiness: true", or another leader may be elected while the lease lasts; '
            'add it, or write "reads: read-index"',
            id="a-lease-without-stickiness",
        ),
        pytest.param(
            scenario("reads: lease, leader_stickiness: false"),
            '5:12: a lease needs "leader_stickiness: true", or another leader may be elected while the lease lasts; '
            'add it, or write "reads: read-index"',
            id="a-lease-with-stickiness-switched-off",
        ),
        pytest.param(
            scenario("drift_bound: 1.5"),
            '5:12: only a lease allows for clock drift; remove "drift_bound", or write "reads: lease"',
            id="drift-without-a-lease",
        ),
        pytest.param(
            scenario("protocol: multi-paxos, pre_vote: true"),
            '5:35: Multi-Paxos has no "pre_vote"; remove it, or run Raft',
            id="a-part-of-raft-in-multi-paxos",
        ),
        pytest.param(
            scenario("protocol: multi-paxos", "happens:\n  - {at_ms: 9, snapshot: S1}\n"),
            '7:16: Multi-Paxos here has no "snapshot"; remove it, or run Raft',
            id="a-verb-of-raft-in-multi-paxos",
        ),
        pytest.param(
            scenario("protocol: multi-paxos, without: [up-to-date-log]"),
            '5:45: Multi-Paxos has no rule "up-to-date-log" to leave out; remove it',
            id="a-rule-of-raft-in-multi-paxos",
        ),
        pytest.param(
            scenario("without: [prepare-majority]"),
            '5:22: Raft has no rule "prepare-majority" to leave out; remove it',
            id="a-rule-of-multi-paxos-in-raft",
        ),
        pytest.param(
            schedule("check_quorum: true"),
            "4:12: no time passes in this schedule, so a leader never goes an election timeout without a majority; "
            'remove "check_quorum", or let time pass with a tick such as tick: 50',
            id="check-quorum-without-time",
        ),
        pytest.param(
            schedule("leader_stickiness: true, reads: lease"),
            "4:37: no time passes in this schedule, so a lease would never end; "
            'write "reads: read-index", or let time pass with a tick such as tick: 50',
            id="a-lease-without-time",
        ),
    ],
)
def test_settings_that_cannot_work_together_are_refused(text: str, words: str) -> None:
    """Dissertation §6.2, §6.4.1: what they would need is missing."""
    assert only_mistake(text) == words


@pytest.mark.parametrize(
    "text",
    [
        scenario("reads: lease, leader_stickiness: true, drift_bound: 1.5"),
        scenario("protocol: multi-paxos, without: [prepare-majority]"),
        schedule("check_quorum: true", "tick: 150"),
        schedule("reads: lease, leader_stickiness: true", "tick: 150"),
        schedule("pre_vote: true, leader_stickiness: true"),
    ],
)
def test_settings_that_have_what_they_need_are_taken(text: str) -> None:
    """Pre-vote and stickiness mean something without time: a node whose timer fires has given its leader up."""
    load_scenario(text)


def test_a_fork_may_not_take_from_a_lease_what_it_needs() -> None:
    """A fork has its parent's settings, so the two are checked together."""
    fork = 'title: T\nfork: {of: lease-drift, step: 2, question: "Why?"}\nsettings: {leader_stickiness: false}\n'

    found = load("fork.yaml", fork + STEPS)

    assert isinstance(found, Problems)
    assert found.problems[0].words.startswith('a lease needs "leader_stickiness: true"')


def test_a_lease_without_stickiness_is_refused_in_python_too() -> None:
    """Whichever door a set-up comes through."""
    with pytest.raises(ValueError, match="settings: a lease needs leader_stickiness, or another leader may be elected"):
        check_setup(Setup(nodes=("S1", "S2", "S3"), settings=LEASE))
    with pytest.raises(ValueError, match="a lease needs leader_stickiness"):
        Bounds(settings=LEASE)


def test_a_rule_that_nobody_knows_is_one_mistake() -> None:
    """The schema says which rules there are; nothing more is said of it."""
    assert len(load_mistakes(scenario("without: [no-such-rule]")).problems) == 1
    assert not {guard.slug for guard in Guard} & {guard.slug for guard in PaxosGuard}
