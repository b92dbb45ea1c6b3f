"""The script's pure parts have tests of their own, in its own language; this runs them."""

import subprocess
from pathlib import Path

from tests.site import browser
from tests.site.conftest import skip_or_fail

HERE = Path(__file__).parent


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
