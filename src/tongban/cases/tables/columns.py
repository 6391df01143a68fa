# SPDX-License-Identifier: Apache-2.0
"""The five tables in which cases are exchanged (ZWFW C0109): their columns in order, and which must be filled."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Table(StrEnum):
    """One of the tables, by the name it has in the exchange."""

    ACCEPT = "up_pro_accept"
    PROCESS = "up_pro_process"
    SPECIAL = "up_pro_special_procedure"
    RESULT = "up_pro_result"
    MATERIAL = "up_pro_material"


TITLES: Mapping[Table, str] = {
    Table.ACCEPT: "办件受理信息",
    Table.PROCESS: "办件过程信息",
    Table.SPECIAL: "办件特别程序信息",
    Table.RESULT: "办件结果信息",
    Table.MATERIAL: "办件材料信息",
}


@dataclass(frozen=True)
class Column:
    """A column: its name, what it is called in Chinese, and whether the exchange demands it."""

    name: str
    title: str
    must: bool


# A star marks what must be filled. The columns of the transport (操作, 批次, 数据来源) are filled by whoever sends.
_ENVELOPE = "cd_operation 操作, cd_time* 操作时间, cd_batch 批次, data_source 数据来源"
_TABLES: Mapping[Table, str] = {
    Table.ACCEPT: (
        "project_no* 办件编号, task_code* 实施编码, task_handle_item 业务办理项编码, catalog_code* 基本编码, "
        "task_name* 事项名称, task_version* 事项版本, project_name 办件摘要, apply_date* 申请时间, "
        "apply_type* 申请方式, applyer_name* 申请人, applyer_type* 申请人类型, applyer_page_type* 申请人证件类型, "
        "applyer_page_code* 申请人证件号码, legal 法定代表人, contact_name 联系人, contact_type 联系人证件类型, "
        "contact_code 联系人证件号码, contact_mobile 联系人手机, address 通讯地址, zip_code 邮政编码, "
        "accept_date* 受理时间, accept_doc_no 受理文书编号, handle_user_name 受理人员, org_code* 受理单位代码, "
        "org_name* 受理单位, project_type* 办件类型, promise_date 承诺办结时间"
    ),
    Table.PROCESS: (
        "project_no* 办件编号, process_name* 环节名称, event_name* 业务动作, event_start_time* 开始时间, "
        "event_end_time* 结束时间, handle_user_name* 处理人, handle_explain* 处理意见, remark 备注"
    ),
    Table.SPECIAL: (
        "project_no* 办件编号, special_type* 特别程序种类, special_name* 特别程序名称, special_time* 开始时间, "
        "special_reason* 启动理由, applyer_user_name 申请人员, end_time* 结束时间, result 结果, "
        "special_explain 办理意见, handle_user 办理人"
    ),
    Table.RESULT: (
        "project_no* 办件编号, result_type* 办结结果, result_date* 办结时间, result_explain 结果描述, "
        "result_cetr_name 结果证照名称, result_cetr_no 结果证照编号, is_delivery_results* 是否寄送结果, "
        "satisfaction 满意度, handle_user_name 办理人"
    ),
    Table.MATERIAL: (
        "project_no* 办件编号, material_name* 材料名称, get_type* 收取方式, get_num 收取数量, "
        "material_attach_name 附件名称"
    ),
}


def _columns(words: str) -> tuple[Column, ...]:
    pairs = (each.split(" ") for each in f"row_guid* 主键, {words}, {_ENVELOPE}".split(", "))
    return tuple(Column(name.removesuffix("*"), title, name.endswith("*")) for name, title in pairs)


COLUMNS: Mapping[Table, tuple[Column, ...]] = {table: _columns(words) for table, words in _TABLES.items()}
