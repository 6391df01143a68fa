# SPDX-License-Identifier: Apache-2.0
"""Tongban lists (通办清单) and agreements between two regions: they belong to whoever publishes or signs them."""
