# SPDX-License-Identifier: Apache-2.0
"""Tongban 通办: the software of one node."""

__version__ = "0.1.0"
