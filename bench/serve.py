# SPDX-License-Identifier: Apache-2.0
"""Serves a door of a node as the product does, with the workers and threads that are measured.

`python -m bench.serve DOOR PORT WORKERS THREADS`; 0 threads means the product's own number.
"""

import os
import sys
from pathlib import Path

from tongban.config import home, serve

if __name__ == "__main__":
    door, port, workers, threads = sys.argv[1], *map(int, sys.argv[2:5])
    serve.run(
        home.read(Path(os.environ["TONGBAN_HOME"])),
        "exchange" if door == "exchange" else "pages",
        port=port,
        workers=workers,
        threads=threads or None,
    )
