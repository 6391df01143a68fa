# SPDX-License-Identifier: Apache-2.0
"""A refusal: one named "no", with a code for programs and a sentence for people."""

from typing import Any, ClassVar


class Refusal(Exception):
    """The code never changes once published; the sentence may be improved."""

    code: ClassVar[str] = "refused"
    status: ClassVar[int] = 409
    says: ClassVar[str] = "这一步现在不能办理。"

    def __init__(self, *, field: str | None = None, **facts: Any) -> None:
        self.field = field
        self.facts = facts
        super().__init__(self.sentence)

    @property
    def sentence(self) -> str:
        """What a person reads."""
        return self.says.format(**self.facts)

    def problem(self) -> dict[str, Any]:
        """The same as RFC 9457 problem details."""
        told: dict[str, Any] = {
            "type": f"urn:tongban:refusal:{self.code}",
            "title": self.sentence,
            "status": self.status,
            "code": self.code,
        }
        if self.field is not None:
            told["field"] = self.field
        return told | ({"facts": {k: str(v) for k, v in self.facts.items()}} if self.facts else {})


class BadInput(Refusal):
    """Something that was typed or sent is not what was asked for; the field says which."""

    code, status, says = "bad_input", 422, "{what}"

    def __init__(self, field: str, what: str) -> None:
        super().__init__(field=field, what=what)


class NotFound(Refusal):
    """What you may not see does not exist for you."""

    code, status, says = "not_found", 404, "没有找到{what}，或者您无权查看。"


class NotAllowed(Refusal):
    """This person may not do this."""

    code, status, says = "not_allowed", 403, "您没有办理这一步的权限。"


class SignInNeeded(Refusal):
    """Nobody is signed in, or the session is over."""

    code, status, says = "sign_in_needed", 401, "请先登录。"
