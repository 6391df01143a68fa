# SPDX-License-Identifier: Apache-2.0
"""What others rely on: the published protocol and the public API."""
