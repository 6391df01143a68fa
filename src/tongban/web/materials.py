# SPDX-License-Identifier: Apache-2.0
"""Which materials an item asks of whom, and where licences for them may come from: the same on every page."""

from collections.abc import Collection

from tongban.catalogue.content import ItemContent, Material
from tongban.regions.queries import trust_list
from tongban.standards.node import here


def when_needed(content: ItemContent) -> list[tuple[Material, str]]:
    """Each material with the answers that make it needed; empty when it is asked of everybody."""
    asked = _answers(content)
    return [
        (material, "、".join(f"“{text}”" for text in asked.get(material.code, ()))) for material in content.materials
    ]


def is_needed(content: ItemContent, material: Material, answers: Collection[str]) -> bool:
    """Whether somebody who gave these answers, in words, was asked for it."""
    asked = _answers(content).get(material.code)
    return asked is None or bool(set(asked) & set(answers))


def issuing_regions() -> list[tuple[str, str]]:
    """Code and name of the regions where a licence may have been issued, this one first."""
    nodes = [node for node in trust_list().nodes.values() if "region" in node.roles and node.status == "active"]
    return [(node.code, node.name) for node in sorted(nodes, key=lambda node: (node.code != here().code, node.code))]


def _answers(content: ItemContent) -> dict[str, list[str]]:
    """The texts of the options that ask for a material, by its code."""
    asked: dict[str, list[str]] = {}
    for question in content.questions:
        for option in question.options:
            for code in option.materials:
                asked.setdefault(code, []).append(option.text)
    return asked
