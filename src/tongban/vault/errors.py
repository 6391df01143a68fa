# SPDX-License-Identifier: Apache-2.0
"""Named refusals of the vault."""

from tongban.standards.refusal import Refusal


class KeyDestroyed(Refusal):
    """The data was erased by destroying its key."""

    code, status, says = "key_destroyed", 410, "这些内容已按规定销毁，不能再查看。"


class SealBroken(Refusal):
    """What is stored cannot be opened with the key it names: altered, or another node's."""

    code, status, says = "seal_broken", 500, "存储的内容与其密钥不符，已停止读取，请联系本节点运维人员。"


class FileMissing(Refusal):
    """The database knows the file, the disk does not."""

    code, status, says = "file_missing", 404, "文件暂时取不到，请稍后再试。"


class Locked(Refusal):
    """The node's own secrets cannot be opened: the unlocking secret is missing or another."""

    code, status, says = "locked", 503, "打不开本节点的密钥（{file}）：{why}。"


class RotationOpen(Refusal):
    """The values are still being moved to the index key before."""

    code, status, says = "rotation_open", 409, "上一次更换检索密钥还没有完成，请等它完成后再更换。"


class TokenFailed(Refusal):
    """The token that holds a key is away, locked, or has not what was asked of it."""

    code, status, says = "token_failed", 503, "密码设备{token}不能使用：{why}。"


class StorageFull(Refusal):
    """The disk that holds the files takes no more; nothing of this one was kept."""

    code, status = "storage_full", 507
    says = "本节点存放文件的空间已满，文件没有保存。已经提交的申请和材料不受影响，请稍后再上传。"


class StoreAway(Refusal):
    """The bucket that holds the files does not answer, or refuses this node's key."""

    code, status = "store_away", 503
    says = "本节点的文件存储暂时连接不上，请稍后再试。已经提交的申请和材料不受影响。"
