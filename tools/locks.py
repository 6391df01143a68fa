# SPDX-License-Identifier: Apache-2.0
"""Checks without any network that the lock files say what requirements*.in ask for, and what is installed."""

import re
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
PINNED = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^ ;\\]+)", re.MULTILINE)
Lock = dict[str, str]


def read(name: str) -> Lock:
    """Versions by package."""
    text = (ROOT / name).read_text(encoding="utf-8")
    return {canonicalize_name(package): version for package, version in PINNED.findall(text)}


def asked(name: str) -> Iterator[Requirement]:
    """What a requirements*.in asks for itself."""
    for line in (ROOT / name).read_text(encoding="utf-8").splitlines():
        words = line.split("#")[0].strip()
        if words and not words.startswith("-"):
            yield Requirement(words)


def missing(wanted: Requirement, lock: Lock, seen: set[str]) -> Iterator[str]:
    """What this requirement needs, directly or through others, and the lock lacks."""
    name = canonicalize_name(wanted.name)
    if str(wanted) in seen:
        return
    seen.add(str(wanted))
    if name not in lock or not wanted.specifier.contains(lock[name], prereleases=True):
        yield f"{wanted} is not satisfied by {lock.get(name, 'nothing')}"
        return
    for further in needs(wanted):
        yield from missing(further, lock, seen)


def needs(wanted: Requirement) -> Iterator[Requirement]:
    """What an installed package needs on this machine, for the extras asked for."""
    try:
        told = distribution(wanted.name).requires or []
    except PackageNotFoundError:
        return
    for further in map(Requirement, told):
        extras = wanted.extras or {""}
        if further.marker is None or any(further.marker.evaluate({"extra": extra}) for extra in extras):
            yield further


def not_installed(lock: Lock) -> Iterator[str]:
    """Packages of the lock that are here in another version, or not at all."""
    for name, version in lock.items():
        try:
            here = distribution(name).version
        except PackageNotFoundError:
            here = "nothing"
        if here != version:
            yield f"{name} {version} is locked, {here} is installed"


def faults(name: str) -> Iterator[str]:
    """What a lock file may not hold, or lacks."""
    text = (ROOT / name).read_text(encoding="utf-8")
    if "://" in text or "index-url" in text:
        yield f"{name} holds an address"
    for block in re.split(r"\n(?=[A-Za-z0-9])", text):
        if PINNED.match(block) and "--hash=sha256:" not in block:
            yield f"{name}: {block.split()[0]} has no hash"


def main() -> int:
    """Print what is wrong; 0 when nothing is."""
    runtime, dev = read("requirements.lock"), read("requirements-dev.lock")
    found = [*faults("requirements.lock"), *faults("requirements-dev.lock"), *not_installed(dev)]
    for lock, source in ((runtime, "requirements.in"), (dev, "requirements-dev.in")):
        seen: set[str] = set()
        found += [f"{source}: {gap}" for wanted in asked(source) for gap in missing(wanted, lock, seen)]
    found += [f"{name} differs in the two lock files" for name in runtime if dev.get(name) != runtime[name]]
    if found:
        sys.stdout.write("\n".join([*found, "Run `make lock`, then `make check` again.", ""]))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
