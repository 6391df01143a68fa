# SPDX-License-Identifier: Apache-2.0
"""Sums of money: kept in fen, written in yuan, in figures and in the characters that nobody can alter. Pure."""

DIGITS = "零壹贰叁肆伍陆柒捌玖"
PLACES = ("", "拾", "佰", "仟")
GROUPS = ("", "万", "亿")  # of four digits
LIMIT = 10 ** (4 * len(GROUPS) + 2)  # fen


def yuan(fen: int) -> str:
    """1,409.50 元"""
    return f"{fen // 100:,}.{fen % 100:02d} 元"


def capitals(fen: int) -> str:
    """人民币壹仟肆佰零玖元伍角: 《支付结算办法》附一, on how a sum is written on bills. ValueError for none of ours.

    整 stands after 元 and, which that rule leaves open, not after 角; zeros between digits are one 零.
    """
    if not 0 <= fen < LIMIT:
        raise ValueError("no sum that is ever written on a bill")
    whole, (tenths, hundredths) = fen // 100, divmod(fen % 100, 10)
    said = f"{_whole(whole)}元" if whole else ""
    if not fen % 100:
        return f"人民币{said or '零元'}整"
    if tenths:
        said += f"{DIGITS[tenths]}角"
    elif said:
        said += DIGITS[0]
    return f"人民币{said}{DIGITS[hundredths] + '分' if hundredths else ''}"


def _whole(number: int) -> str:
    """A whole number above zero."""
    said, is_gap = "", False
    for at in reversed(range(4 * len(GROUPS))):
        digit, group = number // 10**at % 10, at // 4
        if digit:
            said += (DIGITS[0] if is_gap and said else "") + DIGITS[digit] + PLACES[at % 4]
            is_gap = False
        else:
            is_gap = True
        if at % 4 == 0 and number // 10**at % 10_000:
            said += GROUPS[group]
    return said
