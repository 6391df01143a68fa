# SPDX-License-Identifier: Apache-2.0
"""People who live with the procedure for two years: in memory by the thousand, over databases by the hundred."""
