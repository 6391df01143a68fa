# SPDX-License-Identifier: Apache-2.0
"""Fixtures for every test of the house live in tests.ground."""

pytest_plugins = ["tests.ground"]
