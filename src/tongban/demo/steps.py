# SPDX-License-Identifier: Apache-2.0
"""Steps of the set-up that must run as a node of the demo: `python -m tongban.demo.steps STEP`.

Each tells how far it is in lines "done total what", which the set-up turns into bars.
"""

import os
import sys

import django

from tongban.demo.plan import places

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tongban.config.settings")
django.setup()

from tongban.demo import content, federation, identity_cards, known  # noqa: E402  models need Django to be set up
from tongban.standards import clock  # noqa: E402
from tongban.standards.node import here  # noqa: E402


def tell(done: int, total: int, what: str) -> None:
    """How far this step is."""
    sys.stdout.write(f"{done} {total} {what}\n")
    sys.stdout.flush()


def trust() -> None:
    """In the hub's process: sign the trust list of the demo."""
    federation.sign(places(), clock.now())


def join() -> None:
    """In a node's process: accept the trust list that the hub has signed."""
    federation.accept(places(), clock.now())


def load() -> None:
    """In a node's process: everything that this node has of its own from the start."""
    content.load(here(), tell)
    identity_cards.issue(here().code, clock.now())
    if os.environ.get("TONGBAN_DEMO_KNOWN", "1") != "0":
        tell(0, 1, "已知的全国事项")
        known.publish(here().code, clock.now())
        tell(1, 1, "完成")


STEPS = {"trust": trust, "join": join, "load": load}

if __name__ == "__main__":
    for name in sys.argv[1:]:
        STEPS[name]()
