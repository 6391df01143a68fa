# SPDX-License-Identifier: Apache-2.0
"""Makes readings.txt and simplified.txt from pypinyin (MIT) and OpenCC (Apache-2.0), once, so that no node loads them.

pypinyin alone would take 56 MB of every process.
"""

from collections import defaultdict
from pathlib import Path

import opencc
import pypinyin

HERE = Path(__file__).parent
CHARACTERS = [chr(code) for code in range(0x4E00, 0x9FA6)]


def main() -> None:
    """Write both files again."""
    said: defaultdict[str, list[str]] = defaultdict(list)
    for character in CHARACTERS:
        reading = pypinyin.lazy_pinyin(character, v_to_u=False, errors="ignore")
        if reading and reading[0].isascii():
            said[reading[0]].append(character)
    lines = [f"{reading} {''.join(characters)}" for reading, characters in sorted(said.items())]
    (HERE / "readings.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    simplifier = opencc.OpenCC("t2s")
    pairs = ((character, simplifier.convert(character)) for character in CHARACTERS)
    changed = [character + simple for character, simple in pairs if character != simple and len(simple) == 1]
    (HERE / "simplified.txt").write_text("\n".join(changed) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
