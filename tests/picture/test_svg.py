"""What every picture keeps to: well formed, named, described, styled, and the same as ever."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from raftstep.picture.draw import draw_glyphs
from raftstep.picture.standalone import draw_standalone
from raftstep.simulation.protocol import RAFT
from tests.picture.runs import ALL_NAMES, SCENARIO_NAMES, draw_scenario, list_pictures, parse_svg

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parents[2]
STYLES = [*ROOT.glob("generator/raftstep/assets/*.css"), *ROOT.glob("docs/assets/*.css")]


@pytest.mark.parametrize("name", ALL_NAMES)
def test_every_picture_has_a_name_and_a_description(name: str) -> None:
    """Style, *Templates*; WCAG 1.1.1: a picture has a text alternative."""
    for picture in list_pictures(name):
        svg = parse_svg(picture)
        title, description = svg.find("title"), svg.find("desc")

        assert svg.get("role") == "img"
        assert title is not None
        assert description is not None
        assert title.text
        assert description.text
        assert svg.get("aria-labelledby") == f"{title.get('id')} {description.get('id')}"


@pytest.mark.parametrize("name", ALL_NAMES)
def test_ids_are_unique_and_begin_with_the_prefix(name: str) -> None:
    """Style, *Templates*: pictures share a page, and ids that clash draw the wrong part."""
    ids = [
        element.get("id")
        for picture in list_pictures(name)
        for element in parse_svg(picture).iter()
        if element.get("id")
    ]

    assert len(ids) == len(set(ids))
    assert all(id and id.startswith("test-") for id in ids)


@pytest.mark.parametrize("name", ALL_NAMES)
def test_a_part_has_one_place_in_a_picture(name: str) -> None:
    """The film finds the parts by name."""
    for picture in list_pictures(name):
        parts = [element.get("data-part") for element in parse_svg(picture).iter() if element.get("data-part")]
        assert len(parts) == len(set(parts))


@pytest.mark.parametrize("name", ALL_NAMES)
def test_pictures_bring_no_colours_scripts_or_styles_of_their_own(name: str) -> None:
    """Style, *Styles*: colours come from the theme; and a strict Content-Security-Policy allows no inline code."""
    for picture in list_pictures(name):
        for element in parse_svg(picture).iter():
            assert element.tag not in {"script", "style", "image", "foreignObject", "a"}
            assert not {"fill", "stroke", "style"} & set(element.attrib)
            assert not [key for key in element.attrib if key.startswith("on")]
            assert element.get("href", "#").startswith("#")


@pytest.mark.parametrize("name", ALL_NAMES)
def test_every_glyph_used_is_among_the_glyphs_of_the_page(name: str) -> None:
    """A `<use>` of an id that is not there draws nothing and reports nothing."""
    glyph_ids = {f"#{element.get('id')}" for element in parse_svg(draw_glyphs(RAFT.kind_names)).iterfind("defs/g")}
    used_ids = {element.get("href") for picture in list_pictures(name) for element in parse_svg(picture).iter("use")}
    film_ids = {f"#raft-glyph-{kind}" for kind in json.loads(draw_scenario(name).run_pictures.film_json)["kinds"]}

    assert used_ids | film_ids <= glyph_ids


def test_every_kind_of_message_has_a_glyph_of_its_own_shape() -> None:
    """Style, *Styles*: colour never speaks alone (WCAG 1.4.1)."""
    symbols = {element.get("id"): element for element in parse_svg(draw_glyphs(RAFT.kind_names)).iterfind("defs/g")}
    shapes = [
        tuple((part.tag, part.get("d"), part.get("r"), part.get("class")) for part in symbol)
        for symbol in symbols.values()
    ]

    assert set(symbols) == {f"raft-glyph-{kind}" for kind in RAFT.kind_names}
    assert len(set(shapes)) == len(shapes)


@pytest.mark.parametrize("name", ALL_NAMES)
def test_the_legend_shows_the_kinds_that_occur_and_no_others(name: str) -> None:
    """A legend that explains what is not there sends readers looking for it."""
    shown_ids = [
        element.get("href") for step in draw_scenario(name).steps for element in parse_svg(step.cluster.svg).iter("use")
    ]
    film_ids = [f"#raft-glyph-{kind}" for kind in json.loads(draw_scenario(name).run_pictures.film_json)["kinds"]]

    assert {f"#raft-glyph-{kind}" for kind in draw_scenario(name).run_pictures.kinds} == {*shown_ids, *film_ids}
    assert list(draw_scenario(name).run_pictures.kinds) == [
        kind for kind in RAFT.kind_names if kind in draw_scenario(name).run_pictures.kinds
    ]


def test_every_class_in_a_picture_has_a_rule() -> None:
    """SVG fills a shape without a style in black, and no tool reports it."""
    css = re.sub(r"/\*.*?\*/", "", "".join(file.read_text("utf-8") for file in STYLES), flags=re.S)
    styled_classes = set(re.findall(r"\.(raft-[\w-]+)", css))
    class_prefixes = tuple(re.findall(r"\[class[\^*]=\"([^\"]+)\"\]", css))
    markup = [draw_glyphs(RAFT.kind_names)] + [picture for name in ALL_NAMES for picture in list_pictures(name)]
    markup += [
        change[2]
        for name in ALL_NAMES
        for change in json.loads(draw_scenario(name).run_pictures.film_json)["changes"]
        if isinstance(change[2], str)
    ]
    used_classes = {
        class_name
        for text in markup
        for attribute in re.findall(r'class="([^"]*)"', text)
        for class_name in attribute.split()
    }
    used_classes |= {
        f"raft-mail--{kind}"
        for name in ALL_NAMES
        for kind in json.loads(draw_scenario(name).run_pictures.film_json)["kinds"]
    }

    unstyled = {
        class_name
        for class_name in used_classes - styled_classes
        if not any(prefix in class_name for prefix in class_prefixes)
    }

    assert sorted(unstyled) == []


def test_a_step_of_the_explainer_has_at_most_150_elements() -> None:
    """A budget: a step replaces all of its elements, on a phone too, within the 50 ms from key to paint."""
    counts = [
        sum(1 for picture in (step.cluster.svg, step.log.svg) for _ in parse_svg(picture).iter())
        for step in draw_scenario("leader-election").steps
    ]

    assert max(counts) <= 150, counts


def test_the_film_of_the_explainer_is_small() -> None:
    """The main page has a budget of 100 kB in all, and the film may not eat it."""
    film = draw_scenario("leader-election").run_pictures.film_json.encode()

    assert len(film) < 20_000
    assert len(gzip.compress(film)) < 3_500


@pytest.mark.parametrize("name", ALL_NAMES)
def test_a_film_cannot_end_the_element_that_holds_it(name: str) -> None:
    """HTML ends a script element at the first `</script`, even within a JSON string."""
    assert "</" not in draw_scenario(name).run_pictures.film_json
    assert "<!--" not in draw_scenario(name).run_pictures.film_json


@pytest.mark.parametrize("name", SCENARIO_NAMES)
def test_the_pictures_of_a_shipped_scenario_look_as_ever(
    name: str, golden_digest: Callable[[str, str, str], None]
) -> None:
    """A picture changes by decision: a rounding or a rename that moves one is seen here."""
    pictures = [split_elements(picture) for picture in list_pictures(name)]

    golden_digest(f"{name}/pictures.svg", "".join(pictures), f"raftstep render {name} --step 1")


def test_one_picture_a_view_looks_as_ever(golden: Callable[[str, str], None]) -> None:
    """Step 4: the leader's first heartbeats are on their way."""
    step = draw_scenario("leader-election").steps[3]

    golden("pictures/cluster.svg", split_elements(step.cluster.svg))
    golden("pictures/log.svg", split_elements(step.log.svg))
    golden("pictures/timeline.svg", split_elements(draw_scenario("leader-election").timeline.svg))


def split_elements(svg: str) -> str:
    """An element a line, so that a difference can be read."""
    return re.sub(r"(?<=>)(?=<(?!/(?:title|desc|text|tspan)))", "\n", svg.rstrip()) + "\n"


@pytest.mark.parametrize("view", ["cluster", "log", "timeline"])
def test_a_picture_that_stands_by_itself_follows_the_readers_system(view: str) -> None:
    """README, `raftstep render`: outside the site there is no theme to ask for dark or light."""
    svg = parse_svg(draw_standalone(draw_scenario("leader-election"), step=3, view=view))
    style = svg.find("style")

    assert style is not None
    assert style.text
    assert "prefers-color-scheme: dark" in style.text
    assert 'data-md-color-scheme="slate"' not in style.text
