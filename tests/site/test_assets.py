"""Styles and scripts made smaller say to a browser what they said before."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from raftstep.picture.standalone import list_extension_classes, read_extension_styles, read_styles
from raftstep.site.assets import classes_in
from tests.site.conftest import ROOT, Site

ASSETS = ROOT / "docs" / "assets"
RULES = """text => { const sheet = new CSSStyleSheet(); sheet.replaceSync(text);
                     return [...sheet.cssRules].map(rule => rule.cssText.replaceAll(", ", ",")); }"""


def served_file(site: Site, name: str) -> Path:
    stem, suffix = name.rsplit(".", 1)
    if name == "theme.css":  # mkdocs.yml has it joined with the stepper's
        stem = name = "joined.css"
    (found,) = [*site.directory.glob(f"assets/raft-*/{name}"), *site.directory.glob(f"assets/{stem}.*.{suffix}")]
    return found


@pytest.mark.parametrize("name", sorted({"beyond.css", *(file.name for file in ASSETS.glob("*.css"))}))
def test_a_style_made_smaller_has_the_same_rules(site: Site, page: Page, name: str) -> None:
    """As the browser reads them: a minifier that joins `.a :is(b)` to `.a:is(b)` is found out."""
    page.goto(site.url)
    whole = read_extension_styles() if name == "beyond.css" else (ASSETS / name).read_text(encoding="utf-8")
    smaller = served_file(site, name).read_text(encoding="utf-8")

    ours, theirs = (
        page.evaluate(RULES, read_styles() + whole if name == "raft.css" else whole),
        page.evaluate(RULES, smaller),
    )

    assert theirs[-len(ours) :] == ours
    assert "/*" not in smaller
    assert "  " not in smaller


def test_only_what_pages_load_is_published(site: Site) -> None:
    """No second copy of a style or script under its plain name."""
    kept = {file.name for file in (site.directory / "assets").glob("*.*") if file.suffix in (".css", ".js")}

    assert {name for name in kept if not re.fullmatch(r"[\w-]+\.[0-9a-f]{8}\.(css|js)", name)} == set()


def test_every_page_with_a_picture_beyond_the_first_half_of_raft_loads_its_styles(site: Site) -> None:
    """Whether the picture is in the page, or in the film that a stepper fetches when somebody comes near."""
    wanting, loading = set(), set()
    for page in site.directory.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        films = [page.parent / film for film in re.findall(r'class="raft-film" data-src="([^"]+)"', text)]
        if list_extension_classes() & classes_in(text).union(*(classes_in(film.read_text("utf-8")) for film in films)):
            wanting.add(page)
        if "/beyond.css" in text:
            loading.add(page)

    assert loading == wanting
    assert 50 < len(wanting) < len([*site.directory.rglob("*.html")]) - 50


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
    every = {f"{name}.css" for name in ("codex", "figures", "stepped", "systems")}
    assert loaded == (every | {"codex.js", "systems.js"}) - unneeded
    assert re.findall(r"assets/raft-[0-9a-f]{8}/(joined\.\w+)", text) == ["joined.css", "joined.js"]
    assert "/raft.css" not in text
    assert "/stepper.js" not in text


def test_theme_css_gives_every_colour_of_the_dark_scheme_that_the_file_left_out_gave(site: Site) -> None:
    """That file has the colours of every choice, most of them of no use here; a new name in it is noticed."""
    (left_out,) = site.directory.glob("assets/stylesheets/palette.*.css")
    theirs = re.findall(r"\[data-md-color-scheme=slate\]\{([^}]*)\}", left_out.read_text(encoding="utf-8"))
    ours = (ASSETS / "theme.css").read_text(encoding="utf-8")

    names = set(re.findall(r"(--md-[\w-]+):", theirs[0]))
    (main,) = site.directory.glob("assets/stylesheets/main.*.css")
    used = set(re.findall(r"var\((--md-[\w-]+)", main.read_text(encoding="utf-8")))
    unset = names & used - set(re.findall(r"(--md-[\w-]+):", ours))

    assert len(names) > 40
    # Marked lines of code have one blue in both schemes, and the faintest shadow is the same.
    assert unset == {"--md-code-hl-color", "--md-code-hl-color--light", "--md-shadow-z1"}
    assert not [page for page in site.directory.rglob("*.html") if left_out.name in page.read_text(encoding="utf-8")]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_what_the_theme_marks_has_this_sites_accent(site: Site, new_page: Callable[..., Page], scheme: str) -> None:
    """In the chrome too, where a colour named on the root would be that of the light scheme."""
    page = new_page(color_scheme=scheme)
    page.goto(site.url)

    theirs, ours = (
        page.evaluate(f"getComputedStyle(document.body).getPropertyValue('--{name}')")
        for name in ("md-accent-fg-color", "raft-accent")
    )

    assert theirs == ours
