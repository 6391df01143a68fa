# SPDX-License-Identifier: Apache-2.0
"""What a person reads when the demo is ready: what to open, and who to sign in as."""

from typing import Any

from tongban.demo.accounts import accounts
from tongban.demo.plan import Places

ROLES = {
    "applicant": "申请人",
    "clerk": "通办专窗",
    "approver": "审批人员",
    "item_manager": "事项管理员",
    "supervisor": "督办人员",
    "operator": "运维",
    "hall_manager": "大厅管理员",
    "auditor": "审计人员",
}
SHOWN = ("applicant", "clerk", "approver")


def text(places: Places, seconds: float) -> str:
    """The whole message, with how long the start took."""
    lines = [
        "",
        f"演示环境已就绪，用时 {seconds:.1f} 秒。请用浏览器打开：",
        *(f"  {node.address}    {node.name}" for node in places.nodes()),
        "",
        "可以这样登录(人物和证件号码均为虚构)：",
        *(_line(account) for account in accounts(places) if account["role"] in SHOWN),
        "  其他人物和接口令牌：tongban demo accounts",
        "",
        "Ctrl-C 停止，数据保留；make demo-check 自动走完一件事；make demo-reset 删除全部数据。",
    ]
    return "\n".join(lines)


def _line(account: dict[str, Any]) -> str:
    role = ROLES.get(account["role"], account["role"])
    return f"  {account['node']}  {role}  {account['name']}  账号 {account['login']}  密码 {account['password']}"
