"""The scenarios that ship: each plays, repeats to the byte, and together they show every rule."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

import pytest

from raftstep.core.paxos.rules import Rule as PaxosRule
from raftstep.core.rules import Rule
from raftstep.document.markdown_text import read_markdown
from raftstep.scenario import library
from raftstep.scenario.load import load
from raftstep.scenario.model import PlayedScenario, Scenario
from raftstep.scenario.play import play
from raftstep.simulation.describe import node_words, transcript
from tests.golden_digests import DIGESTS

if TYPE_CHECKING:
    from collections.abc import Callable

    from raftstep.simulation.trace import Step

NAMES = library.list_scenario_ids()


@cache
def play_shipped(name: str) -> PlayedScenario:
    loaded = load(f"{name}.yaml", library.read_scenario_text(name) or "")
    assert isinstance(loaded, Scenario), loaded.show()
    result = play(loaded)
    assert isinstance(result, PlayedScenario), result.show()
    return result


FORKS = [name for name in NAMES if play_shipped(name).scenario.fork]


@pytest.mark.parametrize("name", NAMES)
def test_a_shipped_scenario_plays_and_breaks_no_property_but_what_it_declares(name: str) -> None:
    """README: the paper's five safety properties are checked after every event of every run."""
    run = play_shipped(name)

    assert {alarm.property for alarm in run.trace.alarms} == set(run.scenario.broken_properties)
    assert run.trace.states_checked == len(run.trace.steps)
    assert all(moment.title and moment.say for moment in run.moments)


TOLD_IN_FULL = {
    "leader-election": "the explainer, with every event of Figure 2",
    "request-lost": "a message lost on its way",
    "retried-command": "what a client is answered, and when it asks again",
    "lease-drift": "reads, clocks of different speeds, and the sentence for a property that breaks",
    "removed-leader": "a change of members",
    "snapshot-keeps-suffix": "snapshots",
    "transfer-abandoned": "a transfer of leadership",
    "steady-paxos": "the words of Multi-Paxos",
}
"""The transcripts that people read when one changes, each for the words that it shows; the others have a digest."""


@pytest.mark.parametrize("name", TOLD_IN_FULL)
def test_a_telling_transcript_says_the_same_as_ever(name: str, golden: Callable[[str, str], None]) -> None:
    """A new wording is reviewed where it is read, in eight runs that show each kind of event once."""
    golden(f"transcripts/{name}.txt", transcript(play_shipped(name).trace))


def test_the_captions_of_the_explainer_say_the_same_as_ever(golden: Callable[[str, str], None]) -> None:
    """The main page: its eight captions are what most readers read."""
    golden("captions/leader-election.txt", write_captions("leader-election"))


@pytest.mark.parametrize("name", [name for name in NAMES if name not in TOLD_IN_FULL])
def test_a_shipped_scenario_says_the_same_as_ever(name: str, golden_digest: Callable[[str, str, str], None]) -> None:
    """Pages, captions and links to steps rest on these runs; a change in one is a decision, not an accident."""
    golden_digest(f"{name}/transcript.txt", transcript(play_shipped(name).trace), f"raftstep play {name}")


@pytest.mark.parametrize("name", NAMES)
def test_the_captions_of_a_shipped_scenario_say_the_same_as_ever(
    name: str, golden_digest: Callable[[str, str, str], None]
) -> None:
    """A caption's holes are filled from the run, so a change in the simulator may reword a page unseen."""
    golden_digest(f"{name}/captions.txt", write_captions(name), "make serve")


def write_captions(name: str) -> str:
    lines = []
    for moment in play_shipped(name).moments:
        lines += [f"{moment.number}. {moment.name} ({moment.time_ms} ms): {moment.title}", moment.say]
        lines += [f"> {moment.why}"] if moment.why else []
        lines.append("")
    return read_markdown("\n".join(lines))


def test_every_digest_is_of_a_scenario_that_ships() -> None:
    """What nothing writes any more would stand in the list for ever."""
    names = {f"{name}/{kind}" for name in NAMES for kind in ("captions.txt", "pictures.svg")}
    names |= {f"{name}/transcript.txt" for name in NAMES if name not in TOLD_IN_FULL}

    assert set(DIGESTS.read()) == names


def summarize_step(step: Step) -> tuple[object, ...]:
    """What happened, as the transcript tells it."""
    outcome = step.outcome
    answered = (outcome.rules, outcome.messages, outcome.answers, outcome.rearm) if outcome else ()
    return step.time_ms, step.event, answered, tuple(node_words(node) for node in step.cluster.nodes)


@pytest.mark.parametrize("name", FORKS)
def test_a_fork_is_its_parent_up_to_the_step_it_leaves(name: str) -> None:
    """CONTRIBUTING, *Adding a scenario*: its run is its parent's up to that step."""
    run = play_shipped(name)
    fork = run.scenario.fork
    assert fork
    parent = play_shipped(fork.parent_id)
    last = parent.moments[fork.step - 1].shown_step.number

    steps, parents = run.trace.steps[: last + 1], parent.trace.steps[: last + 1]

    assert run.moments[0].time_ms >= parent.moments[fork.step - 1].time_ms, "a fork begins where it leaves its parent"
    if fork.step == 1:  # it may give the nodes other timers from the start; the clusters are equal otherwise
        steps = tuple(replace(step, cluster=replace(step.cluster, timers=())) for step in steps)
        parents = tuple(replace(step, cluster=replace(step.cluster, timers=())) for step in parents)
    if run.scenario.setup.settings != parent.scenario.setup.settings:  # what is switched on is written in every node
        assert [summarize_step(step) for step in steps] == [summarize_step(step) for step in parents]
        return
    assert steps == parents


def test_every_rule_fires_in_some_shipped_scenario() -> None:
    """Style, *Tests*: a rule that no reader can see happen is not explained."""
    fired = {
        rule for name in NAMES for step in play_shipped(name).trace.steps if step.outcome for rule in step.outcome.rules
    }

    assert sorted(rule.slug for rule in set(PaxosRule) - fired) == []  # type: ignore[operator]
    assert sorted(rule.slug for rule in set(Rule) - fired) == []


@pytest.mark.parametrize("name", NAMES)
def test_a_shipped_scenario_says_what_it_is_about_in_words_and_a_few_steps(name: str) -> None:
    """The index of scenarios groups by subject and shows the summary; a run of more than eight steps is two."""
    scenario = play_shipped(name).scenario

    assert scenario.subject
    assert scenario.summary
    assert 3 <= len(scenario.waypoints) <= 8


def test_the_same_scenario_gives_the_same_bytes_in_any_process() -> None:
    """Style, *Tests*: same seed, same transcript, in processes with different PYTHONHASHSEED."""
    program = (
        "import sys; from raftstep.cli import main\n"
        "sys.stdout.reconfigure(encoding='utf-8', newline='\\n')\n"
        f"for name in {NAMES!r}:\n"
        "    assert main(['play', name]) == 0\n"
        "    for view in ('cluster', 'log', 'timeline'):\n"
        "        assert main(['render', name, '--view', view, '--step', '3']) == 0\n"
        "from raftstep.scenario.load import load; from raftstep.scenario.play import play\n"
        "from raftstep.scenario.library import read_scenario_text; from raftstep.picture.figures import make_figures\n"
        f"for name in {NAMES!r}:\n"
        "    print(make_figures(play(load(name + '.yaml', read_scenario_text(name))), "
        "prefix='raft').film_json)\n"
    )
    runs = [
        subprocess.Popen(
            [sys.executable, "-c", program], stdout=subprocess.PIPE, env={**os.environ, "PYTHONHASHSEED": seed}
        )
        for seed in ("1", "2")
    ]
    outputs = [run.communicate(timeout=300)[0] for run in runs]

    assert [run.returncode for run in runs] == [0, 0]
    assert outputs[0] == outputs[1]
    assert outputs[0].startswith(b"     0 ms  the cluster starts")


# the explainer


def test_the_explainer_has_its_eight_steps() -> None:
    """README, *What it is*: five nodes, eight steps, from followers to a re-election."""
    run = play_shipped("leader-election")

    assert [moment.name for moment in run.moments] == [
        "Followers",
        "Candidate",
        "Votes",
        "Leader",
        "Command",
        "Commit",
        "Crash",
        "Re-election",
    ]
    assert run.trace.start.ids == ("S1", "S2", "S3", "S4", "S5")


def test_the_explainer_opens_with_its_well_known_words() -> None:
    """Told with the site's own spelling and quotation marks."""
    assert re.sub(r"\s+", " ", play_shipped("leader-election").moments[0].say) == (
        "The cluster has just booted. "
        "Every node is a follower in term 1. "
        "Each runs an election timeout, randomised between 150 ms and 300 ms. "
        "The first node whose timeout runs out will become a candidate."
    )


def test_the_explainer_tells_what_each_step_is_about() -> None:
    """Each step's own event: a timeout, votes, a majority, heartbeats, an append, a commit, a crash, an election."""
    run = play_shipped("leader-election")
    roles = [{node.id: node.role.value for node in moment.shown_step.cluster.nodes} for moment in run.moments]

    assert [list(role.values()).count("leader") for role in roles] == [0, 0, 0, 1, 1, 1, 0, 1]
    assert [len(run.trace.answered_commands(moment.shown_step)) for moment in run.moments] == [0, 0, 0, 0, 0, 1, 1, 1]
    assert [sorted(moment.shown_step.cluster.down_nodes) for moment in run.moments] == [*[[]] * 6, ["S1"], ["S1"]]


# two protocols


@pytest.mark.parametrize("name", ["steady", "who-may-lead", "two-candidates", "holes", "old-entry", "cut-off"])
def test_both_protocols_run_on_one_schedule(name: str) -> None:
    """Nodes, latencies, timers, faults, commands and the moments shown are the same: only the protocol differs."""
    raft, paxos = play_shipped(f"{name}-raft"), play_shipped(f"{name}-paxos")

    assert replace(paxos.scenario.setup, protocol=raft.scenario.setup.protocol) == raft.scenario.setup
    assert paxos.scenario.setup.protocol.name == "multi-paxos"
    assert paxos.moments_ms == raft.moments_ms


def test_both_protocols_answer_a_client_after_as_many_message_delays() -> None:
    """With a stable leader both take one round trip; the page on Multi-Paxos says so."""
    moments_by_protocol = {name: play_shipped(f"steady-{name}").moments for name in ("raft", "paxos")}

    assert {
        name: moments[3].time_ms - moments[2].event_step.time_ms for name, moments in moments_by_protocol.items()
    } == {
        "raft": 20,
        "paxos": 20,
    }
