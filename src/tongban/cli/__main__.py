# SPDX-License-Identifier: Apache-2.0
"""The command, also without its launcher: `python -m tongban.cli`."""

from tongban.cli import main

main(prog_name="tongban")
