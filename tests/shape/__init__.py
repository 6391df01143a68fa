# SPDX-License-Identifier: Apache-2.0
"""Promises that the tree makes about itself."""
