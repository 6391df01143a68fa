# SPDX-License-Identifier: Apache-2.0
"""Makes the keys of the demo's nodes that are missing: `python -m tongban.demo.keys`, a process of its own
because the libraries it needs take longer to load than all else that the supervisor does."""

import sys

from tongban.config import home, new_keys
from tongban.demo.plan import NODES, places
from tongban.standards import clock

if __name__ == "__main__":
    for number, made in enumerate(places().nodes(), 1):
        new_keys.make(home.read(made.home).node, clock.now())  # its folder says what it is, whatever the plan says
        sys.stdout.write(f"{number} {len(NODES)} {made.code}\n")
        sys.stdout.flush()
