# SPDX-License-Identifier: Apache-2.0
"""What an item version says about the procedure of its cases: steps, limits, consequences, agreements. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tongban.cases.clocks import Regime
from tongban.cases.regimes import Lengthening, lengthening, of_item
from tongban.catalogue.content import Commitment, Examination, Fee, ItemContent, Supplement
from tongban.standards.enums import ItemType, MaterialForm, Necessity

FREE = Fee(charged=False)
ONE_STEP = (Examination(code="review", name="审查"),)


@dataclass(frozen=True)
class Rules:
    """The procedure of one item version."""

    regimes: Mapping[str, Regime] = field(default_factory=dict)  # by kind of clock
    steps: tuple[Examination, ...] = ONE_STEP
    is_licence: bool = False  # 行政许可: the law gives silence its consequence
    lengthening: Lengthening | None = None  # by how much the decision may be put off
    two_persons: bool = False
    consequence: str = ""  # of not correcting in time: withdrawn, not_accepted, or empty
    on_paper: frozenset[str] = frozenset()  # names of materials whose original the organ must have
    entrusted: Mapping[str, frozenset[str]] = field(default_factory=dict)  # by region
    tolerated: Mapping[str, str] = field(default_factory=dict)  # names by code of materials that may come later
    materials: Mapping[str, str] = field(default_factory=dict)  # names by code of all that the item may ask for
    fields: Mapping[str, str] = field(default_factory=dict)  # labels by name of what applicants fill in themselves
    supplement: Supplement | None = None  # 容缺受理
    commitment: Commitment | None = None  # 告知承诺
    fee: Fee = FREE

    def entrusted_to(self, region: str) -> frozenset[str]:
        """What the item itself says of windows of this region; it holds only while there is an agreement."""
        wider = (region, f"{region[:4]}00", f"{region[:2]}0000")
        return frozenset().union(*(self.entrusted.get(code, frozenset()) for code in wider))

    @property
    def covered(self) -> frozenset[str]:
        """Codes of the materials that a commitment stands in for."""
        return frozenset(self.commitment.covers if self.commitment else ())

    def names(self, codes: Iterable[str]) -> str:
        """What people call these materials."""
        return "、".join(self.materials.get(code, code) for code in codes)

    def reasons(self, said: Mapping[str, str]) -> str:
        """What is wrong with which fields of the form."""
        return "；".join(f"{self.fields.get(name, name)}（{why.rstrip('。')}）" for name, why in said.items())

    def step(self, code: str) -> Examination:
        """The step of that code. KeyError when there is none."""
        return {step.code: step for step in self.steps}[code]

    def is_signed(self, code: str, signed: Mapping[str, tuple[str, ...]]) -> bool:
        """Whether as many people have signed this step as it needs."""
        return len(signed.get(code, ())) >= self.step(code).persons

    def open_steps(self, signed: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
        """The steps that are not signed while all they wait for are."""
        return tuple(
            step.code
            for step in self.steps
            if not self.is_signed(step.code, signed) and all(self.is_signed(code, signed) for code in step.after)
        )

    def may_sign(self, code: str, person: str, signed: Mapping[str, tuple[str, ...]]) -> bool:
        """Whether this person may sign the step: not twice, and not after one that must be another's."""
        others = (code, *self.step(code).apart_from)
        return all(person not in signed.get(other, ()) for other in others)


def rules_of(item: ItemContent, content: Mapping[str, Any]) -> Rules:
    """What the item says, typed and as it was published."""
    return Rules(
        regimes=of_item(content),
        lengthening=lengthening(content),
        steps=item.examination or ONE_STEP,
        is_licence=item.item_type is ItemType.LICENSING,
        two_persons=item.two_persons,
        consequence=item.correction.consequence if item.correction else "",
        on_paper=frozenset(m.name for m in item.materials if m.form is MaterialForm.PAPER),
        entrusted={each.region: frozenset(each.moves) for each in item.entrusted},
        tolerated={m.code: m.name for m in item.materials if m.necessity is Necessity.TOLERATED},
        materials={m.code: m.name for m in item.materials},
        fields={each.name: each.label for each in item.form if not each.is_proved},
        supplement=item.supplement,
        commitment=item.commitment,
        fee=item.fee,
    )
