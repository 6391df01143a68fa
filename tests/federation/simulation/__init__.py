# SPDX-License-Identifier: Apache-2.0
"""A federation in one process, ruled by a seed: people act, lines fail, processes die, and nothing may be lost."""
