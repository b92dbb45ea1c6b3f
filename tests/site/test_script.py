"""The script's pure parts have tests of their own, in its own language; this runs them."""

import subprocess
from pathlib import Path

from playwright._impl._driver import compute_driver_executable

HERE = Path(__file__).parent


def test_the_pure_parts_of_the_script_keep_their_promises() -> None:
    """`node --test` over each *.test.mjs here, with the Node that Playwright brings along: no other is needed."""
    node = compute_driver_executable()[0]
    files = sorted(str(file) for file in HERE.glob("*.test.mjs"))

    done = subprocess.run([node, "--test", *files], capture_output=True, text=True, timeout=120, check=False)

    assert files
    assert done.returncode == 0, done.stdout + done.stderr
    assert "fail 0" in done.stdout
