"""The colours of the pictures, as numbers: axe cannot judge the contrast of text in pictures, so this does."""

import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ASSETS = ROOT / "generator" / "raftstep" / "assets"
LAYOUT, PICTURES = ASSETS / "raft.css", ASSETS / "pictures.css"
OF_THE_SITE = ROOT / "docs" / "assets"

TEXT = 4.5  # WCAG 1.4.3
MEANING = 3.0  # WCAG 1.4.11

BACKGROUNDS = ("paper", "panel")
PAIRS = [
    *[(text, ground, TEXT) for text in ("ink", "soft", "accent") for ground in BACKGROUNDS],
    ("ink", "follower-fill", TEXT),
    ("soft", "follower-fill", TEXT),
    ("ink", "candidate-fill", TEXT),
    ("candidate", "candidate-fill", TEXT),
    ("on-leader", "leader", TEXT),
    ("ink", "leader-fill", TEXT),
    ("soft", "leader-fill", TEXT),
    ("on-accent", "accent", TEXT),
    *[(text, "paper", TEXT) for text in ("candidate", "leader")],  # the list of messages under way
    *[(stroke, ground, MEANING) for stroke in ("follower", "candidate", "leader", "crashed") for ground in BACKGROUNDS],
    ("leader", "leader-fill", MEANING),
    ("accent", "panel", MEANING),
]


@cache
def read_colours(scheme: str) -> dict[str, str]:
    """The names that a scheme gives colours to; dark leaves none out."""
    text = PICTURES.read_text(encoding="utf-8")
    selector = {"light": ":root", "dark": '[data-md-color-scheme="slate"]'}[scheme]
    block = text[text.index(selector + " {") :].split("}")[0]
    return dict(re.findall(r"--raft-([\w-]+): (#[0-9a-f]{6});", block))


def luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(first: str, second: str) -> float:
    low, high = sorted((luminance(first), luminance(second)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("front", "ground", "least"), PAIRS)
def test_colours_can_be_told_apart(scheme: str, front: str, ground: str, least: float) -> None:
    """4.5 to 1 for text and 3 to 1 for strokes that mean something, in both schemes."""
    names = read_colours(scheme)

    assert contrast(names[front], names[ground]) >= least


def test_dark_names_every_colour_that_light_does() -> None:
    """A name left out would keep its light colour in the dark."""
    assert set(read_colours("light")) == set(read_colours("dark"))


@pytest.mark.parametrize("file", [LAYOUT, PICTURES], ids=lambda file: file.name)
def test_rules_use_names_for_their_colours(file: Path) -> None:
    """Each colour is written once, with its name; shadows alone may be written out."""
    text = re.sub(r"/\*.*?\*/", "", file.read_text(encoding="utf-8"), flags=re.DOTALL)
    rules = re.sub(r"--raft-[\w-]+: [^;]+;", "", text)

    assert re.findall(r"(?<![\w-])(?:#[0-9a-f]{6}|#[0-9a-f]{3}\b|rgb|hsl|(?:white|black)(?![\w-]))", rules) == []


def test_every_name_that_is_used_is_given() -> None:
    """A misspelt name is silent in CSS, and paints black."""
    text = "".join(
        file.read_text(encoding="utf-8") for folder in (ASSETS, OF_THE_SITE) for file in folder.glob("*.css")
    )
    used = set(re.findall(r"var\(--(raft-[\w-]+)\)", text))
    given = set(re.findall(r"--(raft-[\w-]+):", text))

    assert used - given == set()
