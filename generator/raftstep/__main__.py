"""``python -m raftstep``: the same as the command ``raftstep``."""

import sys

from raftstep.cli import run_program

if __name__ == "__main__":
    sys.exit(run_program())
