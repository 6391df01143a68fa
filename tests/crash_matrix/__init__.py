# SPDX-License-Identifier: Apache-2.0
"""What may happen to real machines, and what must be so afterwards; runs in make crash-matrix and make verify only."""
