# SPDX-License-Identifier: Apache-2.0
"""The lists of the standards: kept by name, shown in Chinese, exchanged by each source's own codes."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Self, TypeVar


class Source(StrEnum):
    """Whose codes: the same word bears different digits in different lists."""

    EXCHANGE = "exchange"  # the national exchange tables, ZWFW C0109
    GBT39046 = "gbt39046"  # GB/T 39046-2020 annex A
    GUANGDONG = "guangdong"  # live data of that province
    GAT2000 = "gat2000"  # GA/T 2000.156, kinds of documents
    LETTERS = "letters"  # the letters that a vendor's systems use for units of time
    SHANDONG = "shandong"  # interface of that province's systems


class Labelled(StrEnum):
    """A member is its name in our rows and messages; `label` is what people read."""

    label: str

    def __new__(cls, value: str, label: str = "") -> Self:
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label
        return member

    @classmethod
    def choices(cls) -> list[tuple[str, str]]:
        """Pairs of name and label for a form or a model field."""
        return [(member.value, member.label) for member in cls]


class Mode(Labelled):
    """How a case reaches the place that decides."""

    ONLINE = "online", "全程网办"
    PROXY = "proxy", "异地代收代办"
    JOINT = "joint", "多地联办"


class ModeBasis(Labelled):
    """Where we know an item's mode from."""

    STATED = "stated", "国家文件载明"
    LOCAL = "local", "地方文件载明"
    INFERRED = "inferred", "推定"
    ASSUMED = "assumed", "演示假定"


class ItemType(Labelled):
    """事项类型, GB/T 39046 A.1."""

    POWER = "power", "行政权力事项"
    LICENSING = "licensing", "行政许可"
    PENALTY = "penalty", "行政处罚"
    COERCION = "coercion", "行政强制"
    LEVY = "levy", "行政征收"
    PAYMENT = "payment", "行政给付"
    INSPECTION = "inspection", "行政检查"
    CONFIRMATION = "confirmation", "行政确认"
    REWARD = "reward", "行政奖励"
    ADJUDICATION = "adjudication", "行政裁决"
    OTHER_POWER = "other_power", "其他行政权力"
    PUBLIC_SERVICE = "public_service", "公共服务"

    @property
    def is_applied_for(self) -> bool:
        """Whether it belongs to the 依申请 set that service statistics count."""
        return self in ON_APPLICATION


ON_APPLICATION = frozenset(
    {
        ItemType.LICENSING,
        ItemType.PAYMENT,
        ItemType.CONFIRMATION,
        ItemType.REWARD,
        ItemType.ADJUDICATION,
        ItemType.OTHER_POWER,
        ItemType.PUBLIC_SERVICE,
    }
)


class UseLevel(Labelled):
    """行使层级, GB/T 39046 A.2."""

    NATION = "nation", "国家级"
    PROVINCE = "province", "省级"
    CITY = "city", "市级"
    COUNTY = "county", "县级"
    TOWN = "town", "镇（乡、街道）级"
    VILLAGE = "village", "村（社区）级"
    BY_LEVEL = "by_level", "分级管理"


class ImplementerKind(Labelled):
    """实施主体性质, GB/T 39046 A.3."""

    STATUTORY = "statutory", "法定机关"
    AUTHORIZED = "authorized", "授权组织"
    ENTRUSTED = "entrusted", "受委托组织"
    OTHER = "other", "其他"


class ItemStatus(Labelled):
    """事项状态."""

    IN_USE = "in_use", "在用"
    SUSPENDED = "suspended", "暂停"
    CANCELLED = "cancelled", "取消"


class PowerSource(Labelled):
    """权力来源."""

    OWN = "own", "法定本级行使"
    DELEGATED = "delegated", "上级下放"
    AUTHORIZED_ABOVE = "authorized_above", "上级授权"
    AUTHORIZED_BESIDE = "authorized_beside", "同级授权"
    ENTRUSTED_ABOVE = "entrusted_above", "上级委托"
    ENTRUSTED_BESIDE = "entrusted_beside", "同级委托"


class ServedObject(Labelled):
    """服务对象; the two national lists number it differently."""

    NATURAL = "natural", "自然人"
    ENTERPRISE = "enterprise", "企业法人"
    INSTITUTION = "institution", "事业法人"
    SOCIAL = "social", "社会组织法人"
    UNINCORPORATED = "unincorporated", "非法人企业"
    ADMINISTRATIVE = "administrative", "行政机关"
    OTHER = "other", "其他组织"


class ProjectType(Labelled):
    """办件类型, GB/T 39046 A.6."""

    AT_ONCE = "at_once", "即办件"
    PROMISED = "promised", "承诺件"
    OTHER = "other", "其他"


class ApplyForm(Labelled):
    """办理形式; GB/T 39046 A.5 tells the two ways online apart, the exchange tables do not."""

    WINDOW = "window", "窗口办理"
    ONLINE = "online", "网上办理"
    MOBILE = "mobile", "移动端网上办理"
    COURIER = "courier", "快递申请"
    OTHER = "other", "其他"


class TongbanScope(Labelled):
    """通办范围."""

    NATION = "nation", "全国"
    PROVINCES = "provinces", "跨省"
    CITIES = "cities", "跨市"
    COUNTIES = "counties", "跨县"
    TOWN = "town", "全镇（乡、街道）"
    VILLAGE = "village", "全村（社区）"


class OnlineDepth(Labelled):
    """网上办理深度."""

    CONSULTING = "consulting", "互联网咨询"
    COLLECTING = "collecting", "互联网收件"
    PRE_EXAMINING = "pre_examining", "互联网预审"
    ACCEPTING = "accepting", "互联网受理"
    HANDLING = "handling", "互联网办理"
    RESULT = "result", "互联网办理结果信息反馈"
    LICENCE = "licence", "互联网电子证照反馈"
    OTHER = "other", "其他"


class OnlineGrade(Labelled):
    """网办等级: the fourth is 全程网办."""

    FIRST = "first", "Ⅰ级"
    SECOND = "second", "Ⅱ级"
    THIRD = "third", "Ⅲ级"
    FOURTH = "fourth", "Ⅳ级"


class Contact(Labelled):
    """咨询、投诉方式."""

    WINDOW = "window", "窗口"
    NET = "net", "网络"
    PHONE = "phone", "电话"
    LETTER = "letter", "信件"
    MAIL = "mail", "邮件"


class FlowStage(Labelled):
    """流程环节, as one province names them."""

    COLLECTION = "collection", "收件"
    ACCEPTANCE = "acceptance", "受理"
    EXAMINATION = "examination", "审查"
    DECISION = "decision", "决定"
    ISSUE = "issue", "制证"
    DELIVERY = "delivery", "送达"


class Satisfaction(Labelled):
    """好差评 grades; the two national lists number them in opposite directions."""

    VERY_GOOD = "very_good", "非常满意"
    GOOD = "good", "满意"
    FAIR = "fair", "基本满意"
    POOR = "poor", "不满意"
    VERY_POOR = "very_poor", "非常不满意"


class TimeUnit(Labelled):
    """时限单位."""

    WORKING_DAY = "working_day", "工作日"
    NATURAL_DAY = "natural_day", "自然日"
    HOUR = "hour", "小时"
    MINUTE = "minute", "分钟"
    MONTH = "month", "月"


class ResultType(Labelled):
    """审批结果类型."""

    LICENCE = "licence", "证照"
    APPROVAL = "approval", "批文"
    OTHER = "other", "其他"
    NONE = "none", "无"


class MaterialKind(Labelled):
    """材料类型."""

    PROOF = "proof", "证件证书证明"
    FORM = "form", "申请表格文书"
    OTHER = "other", "其他"


class SourceChannel(Labelled):
    """来源渠道 of a material."""

    APPLICANT = "applicant", "申请人自备"
    GOVERNMENT = "government", "政府部门核发"
    OTHER = "other", "其他"


class Necessity(Labelled):
    """必要性 of a material."""

    REQUIRED = "required", "必要"
    OPTIONAL = "optional", "非必要"
    TOLERATED = "tolerated", "容缺后补"


class MaterialForm(Labelled):
    """材料形式."""

    PAPER = "paper", "纸质"
    ELECTRONIC = "electronic", "电子化"
    EITHER = "either", "纸质/电子化"


class SpecialProcedure(Labelled):
    """特别程序种类, GB/T 39046 A.7."""

    EXTENSION = "extension", "延长审批"
    OTHER = "other", "其他特别程序"


class IdType(Labelled):
    """证件类型 of people and organizations."""

    RESIDENT_ID = "resident_id", "居民身份证"
    PASSPORT = "passport", "普通护照"
    TAIWAN_PERMIT = "taiwan_permit", "台湾居民来往大陆通行证"
    HONG_KONG_MACAO_PERMIT = "hong_kong_macao_permit", "港澳居民来往内地通行证"
    RESIDENCE_PERMIT = "residence_permit", "港澳台居民居住证"
    FOREIGN_PERMANENT_RESIDENT = "foreign_permanent_resident", "外国人永久居留身份证"
    CREDIT_CODE = "credit_code", "统一社会信用代码"
    OTHER = "other", "其他有效证件"


BETWEEN = "^"  # several codes in one column of the exchange tables

_Member = TypeVar("_Member", bound=Labelled)


def code_of(member: Labelled, source: Source) -> str:
    """The source's code of this member; ValueError when its list has none."""
    for own, code in CODES.get((type(member), source), {}).items():
        if own is member:
            return code
    raise ValueError(f"{source} has no code for {type(member).__name__} {member}")


def from_code(kind: type[_Member], code: str, source: Source) -> _Member:
    """The member that a source means by its code; ValueError when its list has none."""
    listed = [*CODES.get((kind, source), {}).items(), *ALSO_READ.get((kind, source), ())]
    for member, own in listed:
        if own == code and isinstance(member, kind):
            return member
    raise ValueError(f"{source} has no {kind.__name__} with code {code!r}")


def translate(kind: type[Labelled], code: str, source: Source, into: Source) -> str:
    """What another source writes for this one's code; ValueError when either list has it not."""
    return code_of(from_code(kind, code, source), into)


def joined(members: Iterable[Labelled], source: Source) -> str:
    """Several codes in one column, as the exchange tables keep them."""
    return BETWEEN.join(code_of(member, source) for member in members)


def split(kind: type[_Member], text: str, source: Source) -> tuple[_Member, ...]:
    """The members in such a column, each once and in its order; ValueError for a code that the list has not."""
    codes = (code.strip() for code in text.split(BETWEEN))
    return tuple(dict.fromkeys(from_code(kind, code, source) for code in codes if code))


def _numbered(kind: type[Labelled], codes: str) -> dict[Labelled, str]:
    """Members in their order beside codes in theirs; - where the list has none."""
    pairs = zip(kind, codes.split(), strict=True)
    return {member: code for member, code in pairs if code != "-"}


_ITEM_TYPES = _numbered(ItemType, "00 01 02 03 04 05 06 07 08 09 10 20")

# fmt: off
CODES: dict[tuple[type[Labelled], Source], dict[Labelled, str]] = {
    (ItemType, Source.GBT39046): _ITEM_TYPES,
    (ItemType, Source.EXCHANGE): _ITEM_TYPES,
    (ItemType, Source.GUANGDONG): _ITEM_TYPES | {ItemType.OTHER_POWER: "20", ItemType.PUBLIC_SERVICE: "21"},
    (UseLevel, Source.GBT39046): _numbered(UseLevel, "1 2 3 4 5 6 7"),
    (UseLevel, Source.EXCHANGE): _numbered(UseLevel, "1 2 3 4 5 6 7"),
    (ImplementerKind, Source.GBT39046): _numbered(ImplementerKind, "1 2 3 9"),
    (ItemStatus, Source.EXCHANGE): _numbered(ItemStatus, "1 2 3"),
    (PowerSource, Source.EXCHANGE): _numbered(PowerSource, "1 2 3 4 5 6"),
    (ServedObject, Source.EXCHANGE): _numbered(ServedObject, "1 2 3 4 5 6 9"),
    (ServedObject, Source.GBT39046): _numbered(ServedObject, "1 2 3 4 - 5 6"),
    (ProjectType, Source.GBT39046): _numbered(ProjectType, "1 2 9"),
    (ProjectType, Source.EXCHANGE): _numbered(ProjectType, "1 2 9"),
    (ApplyForm, Source.EXCHANGE): _numbered(ApplyForm, "1 2 - 3 -"),
    (ApplyForm, Source.GBT39046): _numbered(ApplyForm, "1 2 3 4 9"),
    (TongbanScope, Source.EXCHANGE): _numbered(TongbanScope, "1 2 3 4 5 6"),
    (OnlineDepth, Source.EXCHANGE): _numbered(OnlineDepth, "1 2 3 4 5 6 7 -"),
    (TimeUnit, Source.EXCHANGE): _numbered(TimeUnit, "1 2 3 4 5"),
    (TimeUnit, Source.LETTERS): _numbered(TimeUnit, "W N - - -"),
    (TimeUnit, Source.SHANDONG): _numbered(TimeUnit, "G Z - - -"),
    (Contact, Source.EXCHANGE): _numbered(Contact, "1 2 3 4 5"),
    (FlowStage, Source.GUANGDONG): _numbered(
        FlowStage, "addressee acceptance investigate decide accreditation delivery"
    ),
    (Satisfaction, Source.EXCHANGE): _numbered(Satisfaction, "5 4 3 2 1"),
    (Satisfaction, Source.GBT39046): _numbered(Satisfaction, "1 2 3 4 5"),
    (ResultType, Source.EXCHANGE): _numbered(ResultType, "10 20 30 99"),
    (MaterialKind, Source.EXCHANGE): _numbered(MaterialKind, "1 2 3"),
    (SourceChannel, Source.EXCHANGE): _numbered(SourceChannel, "10 20 99"),
    (Necessity, Source.EXCHANGE): _numbered(Necessity, "1 2 3"),
    (MaterialForm, Source.EXCHANGE): _numbered(MaterialForm, "1 2 3"),
    (SpecialProcedure, Source.GBT39046): _numbered(SpecialProcedure, "1 2"),
    # 111 and 001 from the licence catalogues; 414, 511, 516, 999 from one public system's dictionary
    (IdType, Source.GAT2000): _numbered(IdType, "111 414 511 516 - - 001 999"),
}
# fmt: on

# Read but never written: the list gives the word two codes and does not say which to use.
ALSO_READ: dict[tuple[type[Labelled], Source], tuple[tuple[Labelled, str], ...]] = {
    (OnlineDepth, Source.EXCHANGE): ((OnlineDepth.OTHER, "8"), (OnlineDepth.OTHER, "9")),
}
