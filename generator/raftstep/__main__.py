"""``python -m raftstep``: the same as the command ``raftstep``."""

import sys

from raftstep.cli import main

if __name__ == "__main__":
    sys.exit(main())
