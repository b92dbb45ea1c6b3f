"""What the processes of one test run share."""

from __future__ import annotations

import threading
import time
from pathlib import Path

from tests.site.sharing import locked


def test_a_lock_is_held_by_one_at_a_time(tmp_path: Path) -> None:
    """Two builds at once would make the same searches twice."""
    held, most_held = 0, 0

    def hold() -> None:
        nonlocal held, most_held
        with locked(tmp_path / "lock"):
            held += 1
            most_held = max(most_held, held)
            time.sleep(0.02)
            held -= 1

    threads = [threading.Thread(target=hold) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert most_held == 1
    assert list(tmp_path.iterdir()) == [], "and it is free again"
