"""The film ends at the truth: from one step, its changes give the next step's picture, and nothing else does."""

from __future__ import annotations

import json
from functools import cache
from itertools import pairwise
from typing import Any
from xml.etree import ElementTree

import pytest

from raftstep.picture.caption_lines import build_caption_lines
from raftstep.picture.cluster_view import build_cluster_frame
from raftstep.picture.draw import draw, draw_part
from raftstep.picture.layout import arrange_nodes
from raftstep.picture.log_view import build_log_frame, measure_grid
from raftstep.picture.overlay import find_speaking_step
from raftstep.picture.timeline_view import find_end_ms
from tests.picture.runs import ALL_NAMES, SCENARIO_NAMES, draw_scenario, parse_svg, play_scenario


@cache
def load_film(name: str) -> dict[str, Any]:
    film_data: dict[str, Any] = json.loads(draw_scenario(name).run_pictures.film_json)
    return film_data


def normalize_markup(element: ElementTree.Element) -> str:
    """A part's markup, however it is written; a dial's length is the player's own to draw."""
    copy = ElementTree.fromstring(ElementTree.tostring(element))
    for part in copy.iter():
        part.tag = part.tag.removeprefix("{http://www.w3.org/2000/svg}")
        if "data-dial" in part.attrib:
            part.attrib.pop("stroke-dasharray")
    copy.tail = None
    return ElementTree.canonicalize(ElementTree.tostring(copy, encoding="unicode"), strip_text=True)


def parts_at_step(name: str, number: int) -> dict[str, str]:
    """The parts of one step's pictures."""
    step = draw_scenario(name).steps[number - 1]
    return read_parts(step.cluster.svg) | read_parts(step.log.svg)


def read_parts(picture: str) -> dict[str, str]:
    return {
        part: normalize_markup(element) for element in parse_svg(picture).iter() if (part := element.get("data-part"))
    }


def read_look(name: str, part: str, look: str | int) -> str:
    """What a change makes of a part: its own markup, or the look it has at a step, counted from 0."""
    return (
        normalize_markup(ElementTree.fromstring(look)) if isinstance(look, str) else parts_at_step(name, look + 1)[part]
    )


@pytest.mark.parametrize("name", ALL_NAMES)
def test_the_changes_from_one_step_to_the_next_give_the_next_picture(name: str) -> None:
    """Motion may not end in a picture that the page without script does not show."""
    film = load_film(name)
    last = {stop: number for number, stop in enumerate(film["stops"], 1)}  # of steps at one moment the last is played
    for since, until in pairwise(last):
        number, following = last[since], last[until]
        parts = parts_at_step(name, number)
        for time, part, look in film["changes"]:
            if since < time <= until:
                parts[part] = read_look(name, part, look)
        next_parts = parts_at_step(name, following)
        for part in next_parts:
            if part != "mail":
                assert parts[part] == next_parts[part], f"{part} between step {number} and {following}"


@pytest.mark.parametrize("name", ["leader-election", "two-leaders", "no-op"])
def test_the_film_tells_the_truth_at_every_event(name: str) -> None:
    """Between two steps too: the picture of each event, drawn in full, is what the film shows then.

    Only the key in motion says less than the key at rest.
    """
    run, film = play_scenario(name), load_film(name)
    ring = arrange_nodes(len(run.trace.start.ids))
    columns = measure_grid(run.trace, run.moments[-1].shown_step.number)
    resting = [moment.shown_step for moment in run.moments]
    parts = parts_at_step(name, 1)
    changes = [change for change in film["changes"] if change[0] > film["stops"][0]]
    last_of = {step.time_ms: step for step in run.trace.steps if film["stops"][0] < step.time_ms < film["stops"][-1]}
    for time, step in last_of.items():
        while changes and changes[0][0] < time + 1:
            _, part, look = changes.pop(0)
            parts[part] = read_look(name, part, look)
        speaking = find_speaking_step(run.trace, step)
        cluster = build_cluster_frame(
            step, ring, (), time_ms=time, span_ms=film["dial_span"], id="x", title="x", speaking=speaking
        )
        now = read_parts(draw(cluster)) | read_parts(draw(build_log_frame(step.cluster, columns, id="x", title="x")))
        now["key"] = normalize_markup(
            ElementTree.fromstring(
                draw_part(build_caption_lines(step, ring, speaking=speaking, in_motion=step not in resting))
            )
        )
        assert {part: parts[part] for part in now if part != "mail"} == {
            part: content for part, content in now.items() if part != "mail"
        }, f"{time} ms"


@pytest.mark.parametrize("name", ALL_NAMES)
def test_the_messages_drawn_at_a_step_are_those_the_film_has_in_flight(name: str) -> None:
    """A message that jumped when the motion stops would look like an event."""
    film = load_film(name)
    for step, stop in zip(draw_scenario(name).steps, film["stops"], strict=True):
        drawn_glyphs = [
            (glyph.get("href"), *(float(glyph.get(key, 0)) for key in "xy"), group.get("class"))
            for group in parse_svg(step.cluster.svg).iter("g")
            for glyph in group.findall("use")
        ]
        flying_glyphs = [
            (
                f"#raft-glyph-{film['kinds'][kind]}",
                start_x + (end_x - start_x) * (stop - since) / max(1, until - since),
                start_y + (end_y - start_y) * (stop - since) / max(1, until - since),
                f"raft-mail--{film['kinds'][kind]}",
            )
            for since, until, way, kind in film["moves"]
            if since <= stop < until
            for start_x, start_y, end_x, end_y in [film["ways"][way]]
        ]
        for glyphs in (drawn_glyphs, flying_glyphs):  # in an order that a tenth of a unit does not change
            glyphs.sort(key=lambda glyph: (glyph[0], round(glyph[1]), round(glyph[2])))
        assert [(glyph[0], glyph[3]) for glyph in drawn_glyphs] == [(glyph[0], glyph[3]) for glyph in flying_glyphs]
        for drawn_glyph, flying_glyph in zip(drawn_glyphs, flying_glyphs, strict=True):
            assert drawn_glyph[1:3] == pytest.approx(flying_glyph[1:3], abs=0.11)


@pytest.mark.parametrize("name", ALL_NAMES)
def test_the_dials_drawn_at_a_step_are_those_the_film_runs_down(name: str) -> None:
    """§5.2: who times out first decides the election, so a dial may not be wrong by a visible amount."""
    film = load_film(name)
    for step, stop in zip(draw_scenario(name).steps, film["stops"], strict=True):
        shown = {
            dial.get("data-dial"): float(dial.get("stroke-dasharray", "").split()[0])
            for dial in parse_svg(step.cluster.svg).iter("path")
            if dial.get("data-dial")
        }
        running = {
            node: min(1.0, max(0.0, (deadline - stop) / film["dial_span"]))
            for since, until, node, deadline in film["dials"]
            if since <= stop < until
        }
        anew = {node for since, _, node, _ in film["dials"] if since == stop}  # perhaps just after the event shown
        for node, left in shown.items():
            if node in running.keys() - anew:
                assert left == pytest.approx(running[node], abs=0.001), (step.moment.number, node)
        assert shown.keys() <= running.keys() | timers_ended_at(name, stop)


def timers_ended_at(name: str, stop: int) -> set[str]:
    """Timers that ended in the very millisecond a step shows, by an event just after the one it shows."""
    return {node for _, until, node, _ in load_film(name)["dials"] if until == stop}


@pytest.mark.parametrize("name", ALL_NAMES)
def test_the_film_knows_each_step_and_runs_in_order(name: str) -> None:
    """film.js takes the last change up to a time for the one that holds, so changes come in order of time."""
    film = load_film(name)
    times = [change[0] for change in film["changes"]]

    assert film["stops"] == [moment.time_ms for moment in play_scenario(name).moments] == sorted(film["stops"])
    assert times == sorted(times)
    assert all(time <= film["stops"][-1] + 0.25 for time in times)
    assert [move[0] for move in film["moves"]] == sorted(move[0] for move in film["moves"])
    assert film["axis"][0][0] == 0
    assert film["axis"][-1][0] == find_end_ms(play_scenario(name)) >= film["stops"][-1]


@pytest.mark.parametrize("name", SCENARIO_NAMES)
def test_every_change_changes_something(name: str) -> None:
    """A part that is written again just as it was would only make the page longer."""
    film = load_film(name)
    parts = parts_at_step(name, 1)
    for time, part, look in film["changes"]:
        if time > film["stops"][0]:
            content = read_look(name, part, look)
            assert content != parts[part], f"{part} at {time} ms"
            parts[part] = content
