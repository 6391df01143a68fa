# SPDX-License-Identifier: Apache-2.0
"""Cases in the columns of the national exchange tables (办件库交换表), for the systems that collect them."""
