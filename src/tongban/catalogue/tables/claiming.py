# SPDX-License-Identifier: Apache-2.0
"""应认领尽认领 as a table: each basic item that an organization inherits, and what has become of it there."""

from collections.abc import Iterable, Iterator, Mapping

from tongban.catalogue.basics import Inherited
from tongban.catalogue.stages import CLAIMED
from tongban.catalogue.standing import Standing
from tongban.standards.enums import UseLevel

HEADER = ("基本编码", "事项", "应认领", "认领情况", "理由", "版本", "版本状态")


def table(
    items: Iterable[Inherited],
    own: UseLevel,
    claims: Mapping[str, tuple[str, str]],  # by basic code: standing, reason
    versions: Mapping[str, tuple[int, str]],  # by basic code: number, standing
) -> Iterator[tuple[str, ...]]:
    """The rows, header first."""
    yield HEADER
    for item in items:
        due = own in item.levels or UseLevel.BY_LEVEL in item.levels
        standing, reason = claims.get(item.code, ("", ""))
        said = "" if not standing else "已认领" if standing == CLAIMED else "不认领"
        number, status = versions.get(item.code, (0, ""))
        state = Standing(status).label if status else ""
        yield (item.code, item.name, "是" if due else "否", said or "未认领", reason, str(number or ""), state)
