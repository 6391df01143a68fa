# SPDX-License-Identifier: Apache-2.0
"""Existing certificates (存量证照) taken over from files: judged, confirmed by a second person, taken as a whole."""
