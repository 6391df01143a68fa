# SPDX-License-Identifier: Apache-2.0
"""Plays a peer against any node and says whether it speaks the protocol; knows nothing of what is inside that node."""
