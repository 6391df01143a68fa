# SPDX-License-Identifier: Apache-2.0
"""The guide of an item (办事指南): one document, shown as a page and told to programs."""

from tongban.web.guides.gathering import guide
from tongban.web.guides.parts import Guide

__all__ = ["Guide", "guide"]
