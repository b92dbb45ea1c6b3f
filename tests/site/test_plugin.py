"""The MkDocs plugin on a small foreign site: problems have their file and line, and `mkdocs serve` recovers."""

from __future__ import annotations

import json
import re
from pathlib import Path

from tests.site.small_site import BROKEN, BROKEN_LINE, GOOD, read_page, run_mkdocs


def test_a_foreign_site_builds_strictly(small: Path) -> None:
    """README, *In your own MkDocs site*: install, add `raft` to `plugins:`, write a fence."""
    built = run_mkdocs(small, "build", "--strict")

    assert built.returncode == 0, built.stderr
    assert 'id="step-1"' in read_page(small)


def test_a_foreign_site_gets_the_styles_and_the_script(small: Path) -> None:
    """All that the page links to comes with the plugin."""
    run_mkdocs(small, "build")

    linked = set(re.findall(r'(?:href|src)="(?:\./)?(assets/raft-[^"]+)"', read_page(small)))
    assert {Path(file).name for file in linked} == {"pictures.css", "raft.css", "stepper.js", film_name(small)}
    assert [file for file in sorted(linked) if not (small / "site" / file).is_file()] == []


def film_name(folder: Path) -> str:
    """The name of the file that a page's stepper takes its film from."""
    found = re.search(r'class="raft-film" data-src="[^"]*/([^"/]+)"', read_page(folder))
    assert found
    return found[1]


def test_a_page_asks_for_no_other_script_until_a_reader_does(small: Path) -> None:
    """The first of the package's modules brings its controls, and imports the others late, by plain paths."""
    run_mkdocs(small, "build")

    scripts = sorted((small / "site" / "assets").glob("raft-*/*.js"))
    assert [script.name for script in scripts] == ["controls.js", "embed.js", "motion.js", "share.js", "stepper.js"]
    imports = re.compile(r"^\s*import\b(?!\().*", re.MULTILINE)
    at_once = {script.name: imports.findall(script.read_text(encoding="utf-8")) for script in scripts}
    assert [(name, line.split()[-1]) for name, lines in at_once.items() for line in lines] == [
        ("stepper.js", '"./controls.js";')
    ]


def test_the_generated_pages_and_files_are_there(small: Path) -> None:
    """Others link to these addresses: pages, pictures, transcripts, sources, and the schema that editors load."""
    assert run_mkdocs(small, "build", "--strict").returncode == 0

    scenarios = small / "site" / "scenarios"
    assert (scenarios / "index.html").is_file()
    assert (scenarios / "leader-election" / "index.html").is_file()
    assert (scenarios / "leader-election" / "step-8.svg").read_text(encoding="utf-8").startswith("<svg")
    assert (scenarios / "leader-election.yaml").read_text(encoding="utf-8").startswith("# yaml-language-server")
    assert "none broken" in (scenarios / "leader-election.txt").read_text(encoding="utf-8")
    assert (small / "site" / "schema" / "scenario.schema.json").is_file()


def test_a_strict_build_fails_with_the_file_and_the_line(small: Path) -> None:
    """Style, *Problems*: inside the build a problem is logged, so that `--strict` fails with its words."""
    (small / "docs" / "index.md").write_text(BROKEN, encoding="utf-8")

    built = run_mkdocs(small, "build", "--strict")

    assert built.returncode == 1
    assert f"docs/index.md:{BROKEN_LINE}:" in built.stderr
    assert 'did you mean "start"?' in built.stderr
    assert "Traceback" not in built.stderr


def test_a_build_that_is_not_strict_shows_the_box_and_the_rest(small: Path) -> None:
    """Style, *Problems*: leave a visible box; the author who previews sees it where the run would be."""
    settings = small / "mkdocs.yml"
    settings.write_text(settings.read_text(encoding="utf-8").replace("strict: true", ""), encoding="utf-8")
    (small / "docs" / "index.md").write_text(BROKEN, encoding="utf-8")

    built = run_mkdocs(small, "build")

    assert built.returncode == 0
    html = read_page(small)
    assert "raft-problem" in html
    assert f"docs/index.md:{BROKEN_LINE}:" in html
    assert "Words after it." in html
    assert "<raft-stepper" not in html


def test_a_foreign_site_gets_no_pages_on_rules_that_it_does_not_explain(small: Path) -> None:
    """They cite sources and search schedules, and belong to the site that has the pages around them."""
    assert run_mkdocs(small, "build", "--strict").returncode == 0

    assert not (small / "site" / "internals").exists()


def test_the_search_reads_words_of_code_and_captions_and_no_pictures(small: Path) -> None:
    """What a search has no use for comes into a page after the index has read it: a transcript names everything."""
    settings = small / "mkdocs.yml"
    text = settings.read_text(encoding="utf-8").replace("[raft]", "[search, raft]")
    coloured = "markdown_extensions: [pymdownx.highlight, pymdownx.superfences]\n"
    settings.write_text(text + coloured, encoding="utf-8")
    page = small / "docs" / "index.md"
    two = '```raft src="leader-election" beside="leader-election"\n```\n'
    page.write_text(f"{GOOD}\n```yaml\ncolour: [red, blue]\n```\n\n{two}", encoding="utf-8")

    assert run_mkdocs(small, "build").returncode == 0

    index = json.loads((small / "site" / "search" / "search_index.json").read_text(encoding="utf-8"))["docs"]
    told = {entry["location"]: entry["text"] for entry in index}
    html = read_page(small)
    assert "<pre><code>colour: [red, blue]\n</code></pre>" in told["#step-1"]
    assert "Every node is a follower" in told["#leader-election-step-1"]
    assert [where for where, text in told.items() if where.startswith("#") and "Timer" in text] == []
    assert '<span class="nt">colour</span>' in html
    assert html.count("colour") == 1
    transcript = "scenarios/leader-election/#the-transcript"
    assert "The run in words" in told[transcript]
    assert "the cluster starts" not in told[transcript]
    assert "the cluster starts" in (small / "site" / "scenarios/leader-election/index.html").read_text(encoding="utf-8")
    assert "<!--" not in html.split("<article")[1].split("</article>")[0]
