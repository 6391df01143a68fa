# SPDX-License-Identifier: Apache-2.0
"""The topics under which publishers put their items: words of four kinds, as an index can hold them."""

KINDS = {  # of details.Topics: what people call it, and whom it is for
    "life_event": ("个人事件", "person"),
    "person": ("个人主题", "person"),
    "company_event": ("企业事件", "company"),
    "company": ("企业主题", "company"),
}
LONGEST = 30  # characters of a word
MOST = 12  # topics of one item


def topic(kind: str, word: str) -> str:
    """A topic in one line, which may stand in an address; empty for what is none."""
    plain = " ".join(word.split())
    return f"{kind}:{plain}" if plain and len(plain) <= LONGEST and "/" not in plain else ""
