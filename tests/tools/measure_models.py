"""Count the states of some bounded models with TLC and with our own search, and record both (some minutes).

``python -m tests.tools.measure_models``
"""

from __future__ import annotations

import sys
from pathlib import Path

from tests.tla.models import MODELS, count_both
from tests.tla.tlc import NONE_FOUND, find_tlc
from tests.tools.search_records import record_searches

RECORD = Path(__file__).resolve().parents[2] / "docs" / "data" / "tla-models.json"


def main() -> int:
    tlc = find_tlc()
    if tlc is None:
        print(NONE_FOUND, file=sys.stderr)
        return 1
    return record_searches(RECORD, (count_both(tlc, bounds) for bounds in MODELS))


if __name__ == "__main__":
    sys.exit(main())
