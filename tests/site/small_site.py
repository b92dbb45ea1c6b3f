"""A site of one page that knows nothing of this repository but the plugin, for what a host of it sees."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

GOOD = """\
---
title: A page
description: Of a small site.
---

# A page

```raft
title: Three nodes
nodes: [S1, S2, S3]
seed: 7
until_ms: 300
steps:
  - {name: Start, title: Three followers, when: start, say: No one leads.}
```

Words after it.
"""
BROKEN = GOOD.replace("when: start,", "when: strat,")
BROKEN_LINE = next(number for number, line in enumerate(BROKEN.splitlines(), 1) if "strat" in line)
ENVIRONMENT = {**os.environ, "NO_MKDOCS_2_WARNING": "1", "PYTHONUNBUFFERED": "1", "PYTHONUTF8": "1"}


def write_small_site(folder: Path) -> None:
    (folder / "docs").mkdir()
    (folder / "docs" / "index.md").write_text(GOOD, encoding="utf-8")
    (folder / "mkdocs.yml").write_text(
        "site_name: Small\nstrict: true\ntheme: {name: material, font: false}\nplugins: [raft]\n"
        "nav: [{Page: index.md}, {Scenarios: scenarios/index.md}]\n",
        encoding="utf-8",
    )


def run_mkdocs(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "mkdocs", *arguments],
        cwd=folder,
        env=ENVIRONMENT,
        capture_output=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )


def read_page(folder: Path) -> str:
    return (folder / "site" / "index.html").read_text(encoding="utf-8")
