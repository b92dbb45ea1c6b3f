"""The script's pure parts have tests of their own, in its own language; this runs them."""

import re
import subprocess
from pathlib import Path

from tests.site import browser
from tests.site.conftest import skip_or_fail

HERE = Path(__file__).parent
ASSETS = HERE.parents[1] / "docs" / "assets"


def test_the_pure_parts_of_the_script_keep_their_promises() -> None:
    """`node --test` over each *.test.mjs here, with the Node that Playwright brings along: no other is needed."""
    if browser.driver_trouble():
        skip_or_fail(browser.explain_missing())
    files = sorted(str(file) for file in HERE.glob("*.test.mjs"))

    done = subprocess.run(
        [browser.node_path(), "--test", *files], capture_output=True, text=True, timeout=120, check=False
    )

    assert files
    assert done.returncode == 0, done.stdout + done.stderr
    assert "fail 0" in done.stdout


def test_no_template_stands_inside_a_template() -> None:
    """What makes the script smaller takes the inner one for the end of the outer one, and would drop its spaces."""
    nested = re.compile(r"`[^`]*\$\{[^}`]*`")

    assert nested.search("`a ${b.map((c) => `d ${c}`)}`")
    assert [file.name for file in sorted(ASSETS.glob("*.js")) if nested.search(file.read_text(encoding="utf-8"))] == []
