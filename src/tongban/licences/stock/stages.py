# SPDX-License-Identifier: Apache-2.0
"""The stages of a batch of existing certificates. Pure."""

from tongban.standards.enums import Labelled


class StockStage(Labelled):
    """Where a batch stands."""

    WAITING = "waiting", "等待核对"
    JUDGING = "judging", "正在核对"
    FAULTY = "faulty", "有错误"
    READY = "ready", "待另一人确认"
    CONFIRMED = "confirmed", "正在收录"
    TAKEN = "taken", "已收录"
    UNCHANGED = "unchanged", "没有新的证照"
    DROPPED = "dropped", "已放弃"


OPEN = (StockStage.WAITING, StockStage.JUDGING, StockStage.FAULTY, StockStage.READY)  # may still be dropped
UNDER_WAY = (StockStage.WAITING, StockStage.JUDGING, StockStage.READY, StockStage.CONFIRMED)
WORKING = (StockStage.WAITING, StockStage.JUDGING, StockStage.CONFIRMED)  # a worker has something to do
STOCK_DUE = (  # for the worker's look-out
    "SELECT 1 FROM licences_stock WHERE stage IN ('waiting', 'judging', 'confirmed') "
    "AND (lease IS NULL OR lease < %(at)s)"
)
BULK_DUE = "SELECT 1 FROM licences_licence WHERE state = 'queued'"
