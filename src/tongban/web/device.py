# SPDX-License-Identifier: Apache-2.0
"""The kind of device that a browser runs on, so that a draft can say where it was left; never more than its kind."""

PHONE, TABLET, COMPUTER = "phone", "tablet", "computer"


def kind_of(user_agent: str) -> str:
    """phone, tablet or computer; empty when the browser does not say."""
    said = user_agent.lower()
    if not said:
        return ""
    if "ipad" in said or "tablet" in said or ("android" in said and "mobile" not in said):
        return TABLET
    if "mobile" in said or "iphone" in said or "android" in said or "harmonyos" in said or "micromessenger" in said:
        return PHONE
    known = ("windows", "macintosh", "linux", "cros", "x11")
    return COMPUTER if any(word in said for word in known) else ""
