"""Styles and scripts made smaller say to a browser what they said before."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page

from raftstep.picture.standalone import styles
from tests.site.conftest import ROOT, Site

ASSETS = ROOT / "docs" / "assets"
RULES = """text => { const sheet = new CSSStyleSheet(); sheet.replaceSync(text);
                     return [...sheet.cssRules].map(rule => rule.cssText.replaceAll(", ", ",")); }"""


def served(site: Site, name: str) -> Path:
    stem, suffix = name.rsplit(".", 1)
    (found,) = [*site.directory.glob(f"assets/raft-*/{name}"), *site.directory.glob(f"assets/{stem}.*.{suffix}")]
    return found


@pytest.mark.parametrize("name", sorted(file.name for file in ASSETS.glob("*.css")))
def test_a_style_made_smaller_has_the_same_rules(site: Site, page: Page, name: str) -> None:
    """As the browser reads them: a minifier that joins `.a :is(b)` to `.a:is(b)` is found out."""
    page.goto(site.url)
    whole = (ASSETS / name).read_text(encoding="utf-8")
    smaller = served(site, name).read_text(encoding="utf-8")

    ours, theirs = (
        page.evaluate(RULES, styles() + whole if name == "raft.css" else whole),
        page.evaluate(RULES, smaller),
    )

    assert theirs[-len(ours) :] == ours
    assert len(smaller) < len(whole) + len(styles())


def test_only_what_pages_load_is_published(site: Site) -> None:
    """No second copy of a style or script under its plain name."""
    kept = {file.name for file in (site.directory / "assets").glob("*.*") if file.suffix in (".css", ".js")}

    assert {name for name in kept if not re.fullmatch(r"[\w-]+\.[0-9a-f]{8}\.(css|js)", name)} == set()


@pytest.mark.parametrize(
    ("address", "unneeded"),
    [
        ("index.html", {"codex.css", "codex.js", "figures.css", "systems.css", "systems.js"}),
        ("codex/index.html", {"figures.css", "stepped.css", "systems.css", "systems.js"}),
        ("codex/systems/index.html", {"codex.js", "stepped.css"}),
        ("codex/terms/leader/index.html", {"codex.js", "stepped.css", "figures.css", "systems.css", "systems.js"}),
    ],
)
def test_a_page_loads_only_what_it_has_a_use_for(site: Site, address: str, unneeded: set[str]) -> None:
    """mkdocs.yml says of each what it is for."""
    text = (site.directory / address).read_text(encoding="utf-8")
    loaded = {f"{name}.{kind}" for name, kind in re.findall(r"assets/(\w+)\.[0-9a-f]{8}\.(css|js)", text)}
    every = {f"{name}.css" for name in ("codex", "figures", "stepped", "systems", "theme")}
    assert loaded == (every | {"codex.js", "systems.js", "theme.js"}) - unneeded


def test_theme_css_gives_every_colour_of_the_dark_scheme_that_the_file_left_out_gave(site: Site) -> None:
    """The theme's own file has the colours of every choice, most of no use here; a new name in it is noticed."""
    (left_out,) = site.directory.glob("assets/stylesheets/palette.*.css")
    theirs = re.findall(r"\[data-md-color-scheme=slate\]\{([^}]*)\}", left_out.read_text(encoding="utf-8"))
    ours = (ASSETS / "theme.css").read_text(encoding="utf-8")

    names = set(re.findall(r"(--md-[\w-]+):", theirs[0]))
    unset = names - set(re.findall(r"(--md-[\w-]+):", ours))

    assert len(names) > 40
    assert unset == {"--md-code-hl-color", "--md-code-hl-color--light"}  # marked lines of code: a blue for both schemes
    assert not [page for page in site.directory.rglob("*.html") if left_out.name in page.read_text(encoding="utf-8")]
