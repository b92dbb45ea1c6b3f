"""Playing: what only the run can show to be wrong is a problem at its own line; never a traceback."""

from __future__ import annotations

from dataclasses import replace

import pytest

from raftstep.document.markdown_text import read_markdown
from raftstep.document.problem import Problem, Problems
from raftstep.scenario.caption_filters import FILTERS
from raftstep.scenario.caption_values import FilterRule
from raftstep.scenario.load import load
from raftstep.scenario.model import PlayedScenario, Scenario
from raftstep.scenario.play import play
from raftstep.simulation.multi_paxos import MULTI_PAXOS

BASE = """\
title: Three nodes
nodes: [S1, S2, S3]
seed: 7
until_ms: 500
timers: {S1: [160], S2: [290], S3: [299]}
happens:
  - {at_ms: 250, client: {node: leader, command: x=7}}
steps:
  - {name: Start, title: Three followers, when: start, say: No one leads.}
  - name: Leader
    title: "{{ leader }} leads"
    when: become-leader
    say: It leads.
"""


def play_text(text: str) -> PlayedScenario | Problems:
    loaded = load("example.yaml", text)
    assert isinstance(loaded, Scenario), loaded.show()
    return play(loaded)


def play_without_problems(text: str) -> PlayedScenario:
    result = play_text(text)
    assert isinstance(result, PlayedScenario), result.show()
    return result


def find_mistakes(text: str) -> tuple[Problem, ...]:
    result = play_text(text)
    assert isinstance(result, Problems)
    assert result.show().count("^") >= len(result.problems), "each problem is shown with its line"
    return result.problems


def find_only_mistake(text: str, line_part: str) -> str:
    """The words of the only problem, which must stand on the line that holds ``line_part``."""
    problems = find_mistakes(text)
    assert len(problems) == 1, [problem.words for problem in problems]
    line = next(number for number, line in enumerate(text.splitlines(), 1) if line_part in line)
    assert problems[0].place.line == line
    return problems[0].words


EXTENSIONS = """\
title: Three nodes and a learner
nodes: [S1, S2, S3, S4]
learners: [S4]
seed: 7
until_ms: 500
settings: {membership: joint, reads: read-index}
timers: {S1: [160], S2: [290], S3: [299], S4: [300]}
happens:
  - {at_ms: 250, client: {node: leader, command: x=7}}
  - {at_ms: 350, read: {node: leader, key: x}}
  - {at_ms: 360, read: {node: leader, key: y}}
  - {at_ms: 420, snapshot: leader}
steps:
  - {name: Start, title: Three followers, when: start, say: No one leads.}
  - name: Snapshot
    title: "{{ it }} takes a snapshot"
    when: take-snapshot
    say: "x is {{ it.machine.x }}: {{ it.snapshot }}; read {{ reads[0] }}; {{ configuration }}"
"""
TWO_LEADERS = """\
title: Two leaders of one term
nodes: [S1, S2, S3]
seed: 7
until_ms: 300
settings: {without: [election-majority]}
timers: {S1: [160], S2: [165], S3: [299]}
steps:
  - {name: First, title: S1 leads, when: become-leader, say: It leads.}
  - name: Second
    title: S2 leads too
    when: become-leader
    say: "{{ broken[0].words }}"
    expect: {broken: [Election Safety]}
"""

# what only the run can show


def test_a_waypoint_never_reached_says_so_with_what_to_change() -> None:
    """Errors teach: the likeliest mistake in a new scenario is a moment that does not come."""
    text = BASE + "  - {name: Denied, title: No, when: deny-older-log, say: Refused.}\n"

    words = find_only_mistake(text, "Denied")

    assert words.startswith("step 3 is never reached: from 189 ms to the end at 500 ms")
    assert '"deny-older-log" as described happens 0 times; change "when"' in words


def test_a_waypoint_is_sought_after_the_one_before_it() -> None:
    """The only election is over once its leader is the waypoint before."""
    text = BASE + "  - {name: Election, title: It stands, when: start-election, say: It stands.}\n"

    assert find_only_mistake(text, "Election").startswith("step 3 is never reached")


def test_a_waypoint_counts_how_often_its_event_happens() -> None:
    """The key `times`: an author who asks for the third grant learns how many there are."""
    text = BASE + "  - {name: Many, title: Grants, when: {grant-vote: any, times: 3}, say: Votes.}\n"

    assert "happens 0 times" in find_only_mistake(text, "Many")
    text = text.replace("become-leader", "start-election").replace("{{ leader }} leads", "It stands")
    assert "happens 2 times" in find_only_mistake(text, "Many")


EXPECTATIONS = [
    ("leader: S2", "the leader is S1, not S2"),
    ("leader: none", "the leader is S1, not none"),
    ("terms: {S1: 9}", "S1 is in term 2, not 9"),
    ("roles: {S1: follower}", "S1 is leader, not follower"),
    ("roles: {S2: down}", "S2 is follower, not down"),
    ("votes: {S2: none}", "S2's vote is S1, not none"),
    ("logs: {S1: [x=7@2]}", "S1's log is [], not [x=7@2]"),
    ("commit_index: {S3: 1}", "S3's commit index is 0, not 1"),
    ("answered: [x=7]", 'no client has a reply that "x=7" was applied'),
]


@pytest.mark.parametrize(("expectation", "words"), EXPECTATIONS)
def test_an_expectation_that_a_step_does_not_meet_stands_at_its_line(expectation: str, words: str) -> None:
    """CONTRIBUTING, *Adding a scenario*: a claim that the run does not bear out is a problem."""
    found = find_only_mistake(BASE + f"    expect: {{{expectation}}}\n", "expect:")

    assert found == f"at 189 ms {words}; correct the expectation or the scenario"


CONDITIONS = [
    ("S1.term == 3", "at this step it is not true that S1.term == 3; fix the condition and the words it is for"),
    ("leader.votes | length > 5", "at this step it is not true that leader.votes | length > 5; fix the condition"),
    ("S9.term", 'the condition S9.term has no answer here: there is no "S9" at this moment'),
    ("voters", "the condition voters has no answer here: it is a function, and a condition is true or false; compare"),
]


@pytest.mark.parametrize(("condition", "words"), CONDITIONS)
def test_a_condition_that_a_step_does_not_meet_is_a_problem(condition: str, words: str) -> None:
    """The key `that`: what a caption rests on has to be true, though no hole shows it."""
    step = f"    expect:\n      that:\n        - {condition}\n"

    assert find_only_mistake(BASE + step, condition).startswith(words)
    assert find_only_mistake(BASE + f"expect:\n  that: [{condition}]\n", condition).startswith(words)


def test_a_condition_that_a_step_meets_says_nothing() -> None:
    """Holders, votes and terms may be compared as in a caption."""
    text = BASE + "    expect: {that: [not committed(1), S1.term == 2, reach(S1) | length == size]}\n"

    assert isinstance(play_text(text), PlayedScenario)


EXTENSIONS_MET = """{
  snapshots: {S1: 1, S2: 0}, machines: {S1: {x: "7", y: none}, S4: {x: "7"}}, reads: [x=7, y=none],
  configurations: {S1: {voters: [S3, S2, S1], outgoing: [], learners: [S4]}, S4: {learners: [S4]}}
}"""
EXTENSIONS_UNMET = [
    ("snapshots: {S2: 1}", "S2's snapshot reaches to 0, not 1"),
    ("machines: {S1: {x: '8'}}", "x is 7 at S1, not 8"),
    ("machines: {S1: {y: '8'}}", "y is none at S1, not 8"),
    ("reads: [x=8]", "clients have read [x=7, y=none], not [x=8]"),
    ("reads: []", "clients have read [x=7, y=none], not []"),
    ("configurations: {S2: {voters: [S1]}}", "S2's configuration has the voters [S1, S2, S3], not [S1]"),
    ("configurations: {S2: {learners: []}}", "S2's configuration has the learners [S4], not []"),
    ("roles: {S2: pre-candidate}", "S2 is follower, not pre-candidate"),
]


def test_what_lies_beyond_figure_2_can_be_told_and_expected() -> None:
    """Snapshots (§7), membership (§6) and reads (§8) are told and checked in the same language."""
    run = play_without_problems(EXTENSIONS + f"    expect: {EXTENSIONS_MET}\n")

    assert read_markdown(run.moments[1].say) == "x is 7: snapshot to 1 of term 2: x=7; read 7; {S1 S2 S3}+S4"


@pytest.mark.parametrize(("expectation", "words"), EXTENSIONS_UNMET)
def test_an_expectation_beyond_figure_2_that_is_not_met_says_so(expectation: str, words: str) -> None:
    """A check that cannot fail checks nothing."""
    found = find_only_mistake(EXTENSIONS + f"    expect: {{{expectation}}}\n", "expect:")

    assert found == f"at 420 ms {words}; correct the expectation or the scenario"


def test_a_run_may_break_the_property_it_declares() -> None:
    """CONTRIBUTING, *Adding a scenario*: `broken: [Linearizability]` under the `expect` of the step."""
    run = play_without_problems(TWO_LEADERS)

    assert run.scenario.broken_properties == ("Election Safety",)
    assert [moment.alarms for moment in run.moments] == [(), run.trace.alarms]
    assert run.moments[1].say == "S1 and S2 both lead term 2"


def test_a_property_that_breaks_undeclared_is_a_problem_with_its_step() -> None:
    """CONTRIBUTING: what breaks and is not declared is a problem, for it is a bug in the core."""
    words = find_only_mistake(
        TWO_LEADERS.replace("    expect: {broken: [Election Safety]}\n", ""), "    when: become-leader"
    )

    assert words.startswith(
        "Election Safety broken at step 2 (165 ms): S1 and S2 both lead term 2; this is a bug, unless"
    )


def test_a_property_declared_at_another_step_than_it_breaks_is_a_problem() -> None:
    """CONTRIBUTING: the declaration stands at the step that tells of it, where readers look."""
    text = TWO_LEADERS.replace("    expect: {broken: [Election Safety]}\n", "")
    text = text.replace("say: It leads.", "say: It leads., expect: {broken: [Election Safety]}")

    assert [problem.words.split(";")[0] for problem in find_mistakes(text)] == [
        "Election Safety does not break between the step before and this one",
        "Election Safety broken at step 2 (165 ms): S1 and S2 both lead term 2",
    ]


def test_a_property_declared_that_does_not_break_is_a_problem() -> None:
    """CONTRIBUTING: what is declared and does not break would be an untrue page."""
    words = find_only_mistake(
        TWO_LEADERS.replace("[Election Safety]", "[Election Safety, Log Matching]"), "    when: become-leader"
    )

    assert words.startswith("Log Matching does not break between the step before and this one; remove it")


@pytest.mark.parametrize(
    ("expectation", "words"),
    [
        ("unanswered: [x=7]", 'a client has a reply that "x=7" was applied'),
        ("logs: {S2: []}", "S2's log is [x=7@2], not []"),
        ("leader: S3", "the leader is S1, not S3"),
    ],
)
def test_an_expectation_of_the_end_is_held_against_the_last_event(expectation: str, words: str) -> None:
    """The key `expect` at the top of a file speaks of the end of the run."""
    assert words in find_only_mistake(BASE + f"expect: {{{expectation}}}\n", "expect:")


def test_every_difference_is_told_at_once() -> None:
    """Style, *Problems*: report all, not the first."""
    text = BASE.replace("say: No one leads.", "say: '{{ leader }}', expect: {terms: {S1: 7, S2: 8}}")

    problems = find_mistakes(text + "    expect: {leader: S3}\nexpect: {unanswered: [x=7]}\n")

    assert [problem.place.line for problem in problems] == [9, 9, 9, 14, 15]


@pytest.mark.parametrize(
    "hole",
    [
        "{{ leader }}",  # there is none at the start
        "{{ it }}",
        "{{ S1.colour }}",
        "{{ S1.log[0] }}",
        "{{ S1.log[0].term }}",
        "{{ nobody }}",
        "{{ ms_since(4) }}",
        "{{ ms_since('two') }}",
        "{{ nodes | map('colour') | listed }}",
        "{{ S1.__class__.__mro__ }}",
    ],
)
def test_a_caption_that_names_what_the_run_lacks_is_a_problem(hole: str) -> None:
    """Captions may be written by anyone: no hole may raise, hang or reach Python's insides."""
    words = find_only_mistake(BASE.replace("No one leads.", f'"Look: {hole}"'), "Look:")

    assert words.startswith("the caption names something the run does not have: ")


def test_an_unknown_name_is_told_the_nearest_one_and_all_of_its_moment() -> None:
    """Errors teach: the author sees what a caption may name at this moment."""
    words = find_only_mistake(BASE.replace("No one leads.", "'{{ majorty }}'"), "majorty")

    assert 'there is no "majorty" at this moment; did you mean "majority"? (known: S1, S2, S3, alive, ' in words


@pytest.mark.parametrize(
    ("hole", "words"),
    [
        ("{{ holders() }}", 'holders needs "entry"; holders takes (entry, command)'),
        ("{{ S1() }}", "a node is no function; remove the brackets"),
        ("{{ S1 + 1 }}", "+ is for numbers, and this is a node; write ~ to put texts together"),
        ("{{ nodes | sum }}", "this filter is for numbers, and this is a node; write | length first for a list"),
        ("{{ nodes }}", "it is a list, and has no words of its own; write {{ nodes | listed }}, or nodes[0]"),
        ("{{ holders }}", "it is a function; call it: holders(entry)"),
        ("{{ S1.machine }}", "it is a mapping, and has no words of its own; write one of its values, S1.machine.x"),
        ("{{ majorities[0] }}", "a group that needs a majority has no words of its own; write an attribute, "),
        ("{{ S1.vote }}", 'there is none at this moment; write {{ S1.vote or "none" }}, or an {% if %}'),
        ("{{ S1.alive }}", 'it is true or false, which has no words; write {{ "yes" if S1.alive else "no" }}'),
    ],
)
def test_what_has_no_words_is_refused_with_what_to_write_instead(hole: str, words: str) -> None:
    """A list or an object would be shown as Python shows it, with an address that differs in each build."""
    found = find_only_mistake(BASE.replace("No one leads.", f"'Look: {hole}'"), "Look:")

    assert found.startswith(f"the caption has a hole that cannot be filled: {words}")


@pytest.mark.parametrize("key", ["title", "say", "why"])
def test_words_that_fill_to_nothing_are_a_problem(key: str) -> None:
    """A heading without words loses its anchor, and a step without words shows nothing."""
    caption = '"{% if S1.vote == none %}{% endif %}"'
    keys = {"title": "A title", "say": "Words.", "why": "More."} | {key: caption}
    step = "".join(f"    {name}: {words}\n" for name, words in keys.items())
    text = BASE.replace("  - {name: Start, title: Three followers, when: start, say: No one leads.}\n", "")
    text = text.replace("steps:\n", f"steps:\n  - name: Start\n    when: start\n{step}")

    assert "is empty once filled; write words that are always there" in find_only_mistake(text, caption)


def test_a_title_that_fills_to_two_lines_is_a_problem() -> None:
    """Markdown ends a heading with its line: its anchor would stand in the text."""
    caption = """'{{ "a\\nb" }}'"""

    found = find_only_mistake(BASE.replace("Three followers", caption), "Start")

    assert found == "the title has more than one line once filled; write one line"


@pytest.mark.parametrize("sign", ["1", "true", "S1", "nodes"])
def test_only_a_text_stands_between_joined_words(sign: str) -> None:
    """Issue 16: no caption makes a build raise."""
    words = find_only_mistake(BASE.replace("{{ leader }} leads", f"{{{{ [] | join({sign}) }}}}"), "join(")

    assert "the separator is a text, and this is" in words


def test_a_filter_that_fails_is_a_mistake_of_the_caption(monkeypatch: pytest.MonkeyPatch) -> None:
    """Issue 16: no caption makes a build raise, whatever we have overlooked."""

    def fail(_: object) -> str:
        raise ZeroDivisionError

    monkeypatch.setitem(FILTERS, "lower", FilterRule(name="lower", apply=fail))  # type: ignore[arg-type]
    words = find_only_mistake(BASE.replace("{{ leader }} leads", "{{ leader | lower }} leads"), "| lower")

    assert words.endswith("this has no value here; write it otherwise")


def test_a_list_that_is_looked_at_for_each_item_counts_each_time() -> None:
    """Issue 16: a caption takes a bounded number of steps, those inside a filter among them."""
    items, others = ",".join(["S1"] * 300), ",".join(["1"] * 300)
    hole = f'{{{{ [{items}] | rejectattr("id", "in", [{others}]) | length }}}}'
    words = find_only_mistake(BASE.replace("No one leads.", f"'{hole}'"), "when: start")

    assert "it looks at more than 20,000 values; ask for less" in words


def test_the_place_of_a_mistake_is_that_of_its_words_in_the_hole() -> None:
    """Style, *Problems*: the caret is under what is wrong, in a folded block as well."""
    text = BASE.replace(
        "say: It leads.", "say: >-\n      It leads\n      term {{ leader.term }}, {{\n      leader.colour }}."
    )

    [problem] = find_mistakes(text)

    line = text.splitlines()[problem.place.line - 1]
    assert line[problem.place.column - 1 :].startswith("leader.colour }}")
    assert problem.place.length == len("leader.colour")


@pytest.mark.parametrize("step", ["0", "-1"])
def test_a_caption_cannot_count_from_a_step_before_the_first(step: str) -> None:
    """Python takes -1 for the last of a list; a caption must not."""
    assert "run does not have" in find_only_mistake(
        BASE.replace("No one leads.", f'"{{{{ ms_since({step}) }}}} ms"'), "ms_s"
    )


@pytest.mark.parametrize("key", ["title", "say", "why"])
def test_a_caption_that_names_a_stranger_is_a_problem(key: str) -> None:
    """A renamed node left behind in a sentence is a mistake that no eye finds."""
    text = BASE + "  - name: Append\n    when: append-command\n"
    text += "".join(
        f"    {caption_key}: {'S9 hears.' if caption_key == key else 'All is well.'}\n"
        for caption_key in ("title", "say", "why")
    )

    words = find_only_mistake(text, "S9 hears.")

    assert words.startswith('the caption names "S9", which is no node of this run; ')
    assert "(nodes: S1, S2, S3)" in words


def test_a_mistake_in_a_later_step_does_not_hide_an_earlier_one() -> None:
    """Style, *Problems*: report all, not the first."""
    text = BASE.replace("No one leads.", "S8 is not here.").replace("It leads.", "S9 neither.")

    assert [problem.place.line for problem in find_mistakes(text)] == [9, 13]


@pytest.mark.parametrize(
    ("action", "words"),
    [
        ("{at_ms: 260, restart: S1}", "S1 is not down at 260 ms"),
        ("{at_ms: 20, client: {node: leader, command: x=8}}", "at 20 ms no node leads"),
        ("{when: deny-older-log, crash: S1}", "its moment, when deny-older-log, never comes before the run ends"),
        ("{when: {crash: S2}, heal: true}", "its moment, when crash, never comes before the run ends at 500 ms"),
        ("{when: become-leader, after_ms: 400, heal: true}", "its moment, when become-leader, never comes"),
    ],
)
def test_an_action_that_cannot_happen_stands_at_its_line(action: str, words: str) -> None:
    """What an author expects: an action that silently does nothing would make the caption untrue."""
    text = BASE.replace("  - {at_ms: 250, client: {node: leader, command: x=7}}", f"  - {action}")

    found = find_only_mistake(text, action)

    assert found.startswith(f"this cannot happen: {words}")
    assert found.endswith("; change its moment, or what happens before it")


@pytest.mark.parametrize("second", ["crash: S1", "timeout: S1"])
def test_a_node_that_is_down_cannot_crash_or_fire(second: str) -> None:
    """§5.1: a crashed server does nothing until it restarts, whatever a script asks."""
    text = BASE.replace("steps:", f"  - {{at_ms: 300, crash: S1}}\n  - {{at_ms: 310, {second}}}\nsteps:")

    assert "S1 is down at 310 ms" in find_only_mistake(text, "at_ms: 310")


def test_time_that_runs_backwards_only_in_the_run_is_a_problem() -> None:
    """After an action at an event no moment can be known to be too early until the run is made."""
    happens = "  - {when: become-leader, after_ms: 90, heal: true}\n"
    text = BASE.replace("happens:\n", "happens:\n" + happens)

    assert find_only_mistake(text, "at_ms: 250").startswith(
        "this cannot happen: time runs backwards: it is already 279 ms;"
    )


def test_steps_that_would_show_an_earlier_time_are_a_problem() -> None:
    """Readers take the order of steps for the order of time."""
    text = BASE.replace("say: It leads.", "say: It leads.\n    after_ms: 200")
    text += "  - {name: Append, title: Appended, when: append-command, say: It appends.}\n"

    words = find_only_mistake(text, "Append")

    assert words == "step 3 would show 250 ms, before step 2; lower that step's after_ms"


def test_a_run_without_end_is_given_up_with_a_problem() -> None:
    """Anyone may hand over anything: timers of a millisecond for an hour must not hang a build."""
    loaded = load("example.yaml", BASE)
    assert isinstance(loaded, Scenario)

    result = play(replace(loaded, setup=replace(loaded.setup, most_events=20)))

    assert isinstance(result, Problems)
    words = "this cannot happen: the run has 20 events by 284 ms, and more would follow; let the run end earlier"
    assert words in result.show()


@pytest.mark.parametrize("key", ["voters", "learners"])
def test_in_multi_paxos_there_is_no_choice_of_who_votes(key: str) -> None:
    """Issue 16: no scenario makes a check or a build raise."""
    problems = load("example.yaml", BASE + f"settings: {{protocol: multi-paxos}}\n{key}: [S1, S2]\n")

    assert isinstance(problems, Problems)
    assert [problem.words for problem in problems.problems] == [f'all nodes vote in Multi-Paxos here; remove "{key}"']
    assert f"{key}: [S1, S2]\n" in problems.show()


def test_a_setup_that_makes_no_sense_is_a_problem() -> None:
    """Issue 16: no scenario makes a build raise, whatever its checks have overlooked."""
    scenario = load("example.yaml", BASE)
    assert isinstance(scenario, Scenario)
    setup = replace(scenario.setup, protocol=MULTI_PAXOS, voters=("S1",))

    problems = play(replace(scenario, setup=setup))

    assert isinstance(problems, Problems)
    assert "this cannot be run: Multi-Paxos here has a fixed set of nodes" in problems.show()


def test_captions_leave_nothing_to_chance() -> None:
    """The same scenario gives the same bytes, so a sentence must not draw."""
    assert not {"random", "shuffle"} & set(FILTERS)
