# SPDX-License-Identifier: Apache-2.0
"""Many licences at once: a chosen set, sealed or renewed by one order that a second person allows."""
