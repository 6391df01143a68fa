# SPDX-License-Identifier: Apache-2.0
"""Licences used in cases (免交): who may call which, what was given to whom, and the asking between nodes."""
