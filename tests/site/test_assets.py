"""Styles and scripts: the package's own come under a name that changes with their content, the site's as they are."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.site.conftest import ROOT, Site

PACKAGE_ASSETS = ROOT / "generator" / "raftstep" / "assets"
SITE_ASSETS = ROOT / "docs" / "assets"
EVERYWHERE = ["pictures.css", "raft.css", "theme.css", "stepper.js", "theme.js"]


def test_the_packages_files_are_published_as_they_were_written(site: Site) -> None:
    """What is read in a browser is what stands in the repository; only the embed's dark colours are put before it."""
    (folder,) = site.directory.glob("assets/raft-*")
    published = {path.name: path.read_text("utf-8") for path in folder.iterdir() if path.suffix != ".json"}
    written = {path.name: path.read_text("utf-8") for path in PACKAGE_ASSETS.iterdir()}

    assert published.pop("embed.css").endswith(written.pop("embed.css"))
    assert published == written
    assert re.fullmatch(r"raft-[0-9a-f]{8}", folder.name)


@pytest.mark.parametrize(
    ("address", "more"),
    [
        ("index.html", ["stepped.css"]),
        ("404.html", []),
        ("scenarios/index.html", ["figures.css"]),
        ("scenarios/split-vote/index.html", ["stepped.css"]),
        ("internals/safety/index.html", ["stepped.css", "figures.css", "systems.css", "systems.js"]),
        ("codex/index.html", ["codex.css", "codex.js"]),
        ("codex/systems/index.html", ["figures.css", "codex.css", "systems.css", "systems.js"]),
        ("codex/terms/leader/index.html", ["codex.css"]),
    ],
)
def test_a_page_loads_what_every_page_does_and_what_its_part_of_the_site_needs(
    site: Site, address: str, more: list[str]
) -> None:
    """site_overrides/main.html says which part that is; ours come before the site's own, which have the last word."""
    text = (site.directory / address).read_text(encoding="utf-8")
    loaded = re.findall(r'(?:href|src)="[^"]*assets/(?:raft-[0-9a-f]{8}/)?(\w+\.(?:css|js))"', text)
    styles = [name for name in loaded if name.endswith(".css")]

    assert sorted(loaded) == sorted([*EVERYWHERE, *more])
    assert styles[:3] == EVERYWHERE[:3]


def test_every_page_has_the_styles_of_what_is_on_it(site: Site) -> None:
    """A chart, a card, a stepper or a table of systems without its style is found out, wherever it is put."""
    needs = {
        "codex": r"raft-(?:codex|definition|shown|source)",
        "figures": r"raft-(?:card|chart)",
        "stepped": "raft-steps",
        "systems": r"raft-(?:systems|system-run|read|ranges)",
    }
    without = [
        f"{page.relative_to(site.directory)} loads no {name}.css"
        for page, text in read_pages(site)
        for name, classes in needs.items()
        if re.search(rf'class="(?:[^"]* )?{classes}[ "]', text)
        if f'assets/{name}.css"' not in text
    ]

    assert without == []


def test_only_pages_with_a_stepper_give_it_their_height(site: Site) -> None:
    """stepped.css changes the whole page around a stepper, so it must not be on others."""
    wrong = [page for page, text in read_pages(site) if "/stepped.css" in text and "<raft-stepper" not in text]

    assert wrong == []


def read_pages(site: Site) -> list[tuple[Path, str]]:
    pages = [path for path in site.directory.rglob("*.html") if "embed" not in path.parts]
    return [(path, path.read_text(encoding="utf-8")) for path in pages]


def test_theme_css_gives_every_colour_of_the_dark_scheme_that_the_file_left_out_gave(site: Site) -> None:
    """That file has the colours of every choice, most of them of no use here; a new name in it is noticed."""
    (left_out,) = site.directory.glob("assets/stylesheets/palette.*.css")
    theirs = re.findall(r"\[data-md-color-scheme=slate\]\{([^}]*)\}", left_out.read_text(encoding="utf-8"))
    ours = (SITE_ASSETS / "theme.css").read_text(encoding="utf-8")

    names = set(re.findall(r"(--md-[\w-]+):", theirs[0]))
    (main,) = site.directory.glob("assets/stylesheets/main.*.css")
    used = set(re.findall(r"var\((--md-[\w-]+)", main.read_text(encoding="utf-8")))
    unset = names & used - set(re.findall(r"(--md-[\w-]+):", ours))

    assert len(names) > 40
    # Marked lines of code have one blue in both schemes, and the faintest shadow is the same.
    assert unset == {"--md-code-hl-color", "--md-code-hl-color--light", "--md-shadow-z1"}
    assert not [page for page, text in read_pages(site) if left_out.name in text]


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
