# SPDX-License-Identifier: Apache-2.0
"""The people who appear in every test: the same invented ones as in the demo, from the same file."""

from tongban.demo.people import ORGANIZATIONS, PASSWORD, PEOPLE, STAFF, DemoPerson, DemoStaff


def person(key: str) -> DemoPerson:
    """One of the applicants."""
    return next(one for one in PEOPLE if one.key == key)


def staff(login: str, node: str) -> DemoStaff:
    """One of those who work at a node."""
    return next(one for one in STAFF if (one.login, one.node) == (login, node))


ZHANG = person("zhang_wei")  # home in Changsha, now in Lanzhou
WANG = person("wang_fang")  # 王芳·买买提: a name with a dot; home in Changchun, whose node runs SM2
LI = person("li_yan")  # 李䶮: a rare character; home in Langfang
ZHOU = person("zhou_min")  # home in Lanzhou; guardian of 周小禾
HAN = person("han_xue")  # home in Changsha; legal representative of 长沙星河科技

CHEN = staff("chenjing", "430000")  # approver, Changsha police
MA = staff("mali", "620000")  # clerk at the 通办 window, Lanzhou
ZHAO = staff("zhaomin", "620000")  # approver, Lanzhou police
LIU = staff("liuyang", "220000")  # approver, Changchun police
GUO = staff("guoqiang", "130000")  # approver, Langfang police
SUN = staff("sunqiang", "430000")  # operator; works at every node

CHANGSHA_POLICE = ORGANIZATIONS["changsha-police"]
LANZHOU_POLICE = ORGANIZATIONS["lanzhou-police"]
LANZHOU_CENTRE = ORGANIZATIONS["lanzhou-centre"]

__all__ = [
    "CHANGSHA_POLICE",
    "CHEN",
    "GUO",
    "HAN",
    "LANZHOU_CENTRE",
    "LANZHOU_POLICE",
    "LI",
    "LIU",
    "MA",
    "PASSWORD",
    "SUN",
    "WANG",
    "ZHANG",
    "ZHAO",
    "ZHOU",
    "DemoPerson",
    "DemoStaff",
]
