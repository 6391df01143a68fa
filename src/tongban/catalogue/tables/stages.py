# SPDX-License-Identifier: Apache-2.0
"""The stages of an import: handed over, judged, looked at by another person, published and told."""

from tongban.standards.enums import Labelled


class ImportStage(Labelled):
    """Where an import stands."""

    WAITING = "waiting", "等待核对"
    JUDGING = "judging", "正在核对"
    FAULTY = "faulty", "有错误"
    READY = "ready", "可以提交"
    IN_REVIEW = "in_review", "待确认"
    CONFIRMED = "confirmed", "正在发布"
    TELLING = "telling", "已发布，正在通知其他地区"
    PUBLISHED = "published", "已发布"
    UNCHANGED = "unchanged", "没有变化"
    DROPPED = "dropped", "已放弃"


WAITING, JUDGING, FAULTY, READY, IN_REVIEW, CONFIRMED, TELLING, PUBLISHED, UNCHANGED, DROPPED = (
    stage.value for stage in ImportStage
)
WORKING = (WAITING, JUDGING, CONFIRMED, TELLING)  # a worker has something to do
OPEN = (WAITING, JUDGING, FAULTY, READY, IN_REVIEW)  # may still be dropped
IMPORT_DUE = (  # for the worker's look-out
    "SELECT 1 FROM catalogue_import WHERE stage IN ('waiting', 'judging', 'confirmed', 'telling') "
    "AND (lease IS NULL OR lease < %(at)s)"
)
