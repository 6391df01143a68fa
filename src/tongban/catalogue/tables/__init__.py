# SPDX-License-Identifier: Apache-2.0
"""Tables that offices hand over and take away: CSV, XLSX and JSON, read with the place of every fault, and written."""
