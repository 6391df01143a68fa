# SPDX-License-Identifier: Apache-2.0
"""Types of licences: defined by an authority, in versions, each from a day on."""
