# SPDX-License-Identifier: Apache-2.0
"""The stages of a draft: written, looked at by another person, published or dropped."""

from tongban.standards.enums import Labelled


class Stage(Labelled):
    """Where a draft stands."""

    EDITING = "editing", "编制中"
    IN_REVIEW = "in_review", "待审核"
    PUBLISHED = "published", "已发布"
    DROPPED = "dropped", "已放弃"


EDITING, IN_REVIEW, PUBLISHED, DROPPED = (stage.value for stage in Stage)
OPEN = (EDITING, IN_REVIEW)
ITEM, BASIC = "item", "basic"  # what a draft becomes
CLAIMED, DECLINED = "claimed", "declined"  # what an organization says of a basic item
