"""What every picture keeps to: well formed, named, described, styled, and the same as ever."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from raftstep.picture.draw import glyphs
from raftstep.picture.key import KINDS
from raftstep.picture.standalone import standalone, styles, styles_beyond
from tests.picture.runs import ALL, drawn, parsed, pictures

if TYPE_CHECKING:
    from collections.abc import Callable

ASSETS = Path(__file__).resolve().parents[2] / "docs" / "assets"


@pytest.mark.parametrize("name", ALL)
def test_every_picture_has_a_name_and_a_description(name: str) -> None:
    for picture in pictures(name):
        svg = parsed(picture)
        title, description = svg.find("title"), svg.find("desc")

        assert svg.get("role") == "img"
        assert title is not None
        assert description is not None
        assert title.text
        assert description.text
        assert svg.get("aria-labelledby") == f"{title.get('id')} {description.get('id')}"


@pytest.mark.parametrize("name", ALL)
def test_ids_are_unique_and_begin_with_the_prefix(name: str) -> None:
    ids = [element.get("id") for picture in pictures(name) for element in parsed(picture).iter() if element.get("id")]

    assert len(ids) == len(set(ids))
    assert all(id and id.startswith("test-") for id in ids)


@pytest.mark.parametrize("name", ALL)
def test_a_part_has_one_place_in_a_picture(name: str) -> None:
    """The film finds the parts by name."""
    for picture in pictures(name):
        parts = [element.get("data-part") for element in parsed(picture).iter() if element.get("data-part")]
        assert len(parts) == len(set(parts))


@pytest.mark.parametrize("name", ALL)
def test_pictures_bring_no_colours_scripts_or_styles_of_their_own(name: str) -> None:
    for picture in pictures(name):
        for element in parsed(picture).iter():
            assert element.tag not in {"script", "style", "image", "foreignObject", "a"}
            assert not {"fill", "stroke", "style"} & set(element.attrib)
            assert not [key for key in element.attrib if key.startswith("on")]
            assert element.get("href", "#").startswith("#")


@pytest.mark.parametrize("name", ALL)
def test_every_glyph_used_is_among_the_glyphs_of_the_page(name: str) -> None:
    known = {f"#{element.get('id')}" for element in parsed(glyphs(KINDS)).iterfind("defs/g")}
    used = {element.get("href") for picture in pictures(name) for element in parsed(picture).iter("use")}
    film = {f"#raft-glyph-{kind}" for kind in json.loads(drawn(name).course.film)["kinds"]}

    assert used | film <= known


def test_every_kind_of_message_has_a_glyph_of_its_own_shape() -> None:
    symbols = {element.get("id"): element for element in parsed(glyphs(KINDS)).iterfind("defs/g")}
    shapes = [
        tuple((part.tag, part.get("d"), part.get("r"), part.get("class")) for part in one) for one in symbols.values()
    ]

    assert set(symbols) == {f"raft-glyph-{kind}" for kind in KINDS}
    assert len(set(shapes)) == len(shapes)


@pytest.mark.parametrize("name", ALL)
def test_the_legend_shows_the_kinds_that_occur_and_no_others(name: str) -> None:
    shown = [element.get("href") for step in drawn(name).steps for element in parsed(step.cluster).iter("use")]
    film = [f"#raft-glyph-{kind}" for kind in json.loads(drawn(name).course.film)["kinds"]]

    assert {f"#raft-glyph-{kind}" for kind in drawn(name).course.kinds} == {*shown, *film}
    assert list(drawn(name).course.kinds) == [kind for kind in KINDS if kind in drawn(name).course.kinds]


def test_every_class_in_a_picture_has_a_rule() -> None:
    css = re.sub(
        r"/\*.*?\*/",
        "",
        styles() + styles_beyond() + "".join(file.read_text("utf-8") for file in ASSETS.glob("*.css")),
        flags=re.S,
    )
    named = set(re.findall(r"\.(raft-[\w-]+)", css))
    begun = tuple(re.findall(r"\[class[\^*]=\"([^\"]+)\"\]", css))
    markup = [glyphs(KINDS)] + [picture for name in ALL for picture in pictures(name)]
    markup += [
        change[2]
        for name in ALL
        for change in json.loads(drawn(name).course.film)["changes"]
        if isinstance(change[2], str)
    ]
    used = {one for text in markup for found in re.findall(r'class="([^"]*)"', text) for one in found.split()}
    used |= {f"raft-mail--{kind}" for name in ALL for kind in json.loads(drawn(name).course.film)["kinds"]}

    lacking = {one for one in used - named if not any(prefix in one for prefix in begun)}

    assert sorted(lacking) == []


def test_a_step_of_the_explainer_has_at_most_150_elements() -> None:
    counts = [
        sum(1 for picture in (step.cluster, step.log) for _ in parsed(picture).iter())
        for step in drawn("leader-election").steps
    ]

    assert max(counts) <= 150, counts


def test_the_film_of_the_explainer_is_small() -> None:
    film = drawn("leader-election").course.film.encode()

    assert len(film) < 20_000
    assert len(gzip.compress(film)) < 3_500


@pytest.mark.parametrize("name", ALL)
def test_a_film_cannot_end_the_element_that_holds_it(name: str) -> None:
    assert "</" not in drawn(name).course.film
    assert "<!--" not in drawn(name).course.film


def test_one_picture_a_view_looks_as_ever(golden: Callable[[str, str], None]) -> None:
    """Step 4: the leader's first heartbeats are on their way."""
    step = drawn("leader-election").steps[3]

    golden("pictures/cluster.svg", lines(step.cluster))
    golden("pictures/log.svg", lines(step.log))
    golden("pictures/timeline.svg", lines(drawn("leader-election").timeline))


def lines(svg: str) -> str:
    """An element a line, so that a difference can be read."""
    return re.sub(r"(?<=>)(?=<(?!/(?:title|desc|text|tspan)))", "\n", svg.rstrip()) + "\n"


@pytest.mark.parametrize("view", ["cluster", "log", "timeline"])
def test_a_picture_that_stands_by_itself_follows_the_readers_system(view: str) -> None:
    svg = parsed(standalone(drawn("leader-election"), step=3, view=view))
    style = svg.find("style")

    assert style is not None
    assert style.text
    assert "prefers-color-scheme: dark" in style.text
    assert 'data-md-color-scheme="slate"' not in style.text
