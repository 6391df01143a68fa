# SPDX-License-Identifier: Apache-2.0
"""Browsers at the pages of a world's nodes: a desk, a window with an intake of its own, an applicant's phone."""

import re
from uuid import UUID

from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests import story
from tests.people import MA, PASSWORD, ZHANG, DemoPerson
from tests.world import World
from tongban.demo.people import DemoStaff
from tongban.identity.actions import sign_in
from tongban.windows.queries import intake

LINE = re.compile(r"intakes/([0-9a-f-]{36})/")


def host(world: World, node: str) -> str:
    """The name by which a browser asks for a node's pages."""
    return world.nodes[node].address.removeprefix("http://")


class Browser:
    """A browser at a node's pages."""

    def __init__(self, world: World, node: str) -> None:
        self.world, self.node = world, node
        self.client = Client(headers={"host": host(world, node)}, raise_request_exception=True)

    def get(self, path: str) -> str:
        with self.world.at(self.node):
            self.answer = self.client.get(path, follow=True)
            return self.answer.content.decode()

    def post(self, path: str, given: dict[str, object]) -> str:
        with self.world.at(self.node):
            self.answer = self.client.post(path, given, follow=True)
            return self.answer.content.decode()

    @property
    def path(self) -> str:
        """Where the browser ended."""
        return str(self.answer.request["PATH_INFO"])


class Desk(Browser):
    """A browser at a node's desk, signed in."""

    def __init__(self, world: World, who: DemoStaff) -> None:
        super().__init__(world, who.node)
        self.post("/desk/sign-in/", {"login": who.login, "password": PASSWORD})

    def open(self, number: str) -> str:
        """The page of a case."""
        return self.get(f"/desk/cases/{number}/")

    def make(self, number: str, move: str, **facts: object) -> str:
        """Open the case, fill in the form of a move that the page offers, and send it; everybody hears of it."""
        page = self.open(number)
        action = re.search(rf'action="([^"]+/moves/{move}/)"', page)
        assert action is not None, f"no form for {move}"
        answer = self.post(action[1], facts)
        assert self.answer.status_code == 200, answer
        self.world.settle()
        return answer


class Phone(Browser):
    """An applicant who is signed in where they live."""

    def __init__(self, world: World, who: DemoPerson) -> None:
        super().__init__(world, who.node)
        with world.at(who.node):
            token = sign_in(who.phone, PASSWORD, address="192.0.2.1", at=world.clock.now())
        self.client.cookies[settings.SESSION_COOKIE] = token

    def open(self, number: str) -> str:
        """The page of a case."""
        return self.get(f"/cases/{number}/")


class Intake(Desk):
    """The same, with an intake of its own."""

    def __init__(
        self,
        world: World,
        name: str = ZHANG.name,
        number: str = ZHANG.id_number,
        id_type: str = "resident_id",
        phone: str = ZHANG.phone,
    ) -> None:
        super().__init__(world, MA)
        self.post("/desk/intakes/start/", {})
        found = LINE.search(self.path)
        assert found is not None
        self.id = UUID(found[1])
        given = {"name": name, "id_type": id_type, "id_number": number, "phone": phone, "method": "typed"}
        self.step("applicant", dict(given))

    def step(self, name: str, given: dict[str, object] | None = None) -> str:
        path = f"/desk/intakes/{self.id}/{name}/"
        return self.get(path) if given is None else self.post(path, given)

    def settled(self) -> str:
        """The verification page once the source has answered."""
        self.world.settle()
        return self.step("verification")

    def to_verdict(self) -> None:
        """Everything in order up to the verdict."""
        self.settled()
        page = self.get(f"/desk/intakes/{self.id}/item/?q=公积金 长沙")
        code = re.search(r'name="task_code" value="([^"]+)"', page)
        assert code is not None
        self.step("item", {"task_code": code[1]})
        self.step("situation", {"q-who": "self", "loan_city": "兰州市", "phone": ZHANG.phone})
        scan = SimpleUploadedFile("身份证.png", story.PNG, "image/png")
        self.step("materials", {"verdict-id_card": "good", "original-id_card": "on", "file-id_card": scan})
        assert self.path.endswith("/verdict/"), self.answer.content.decode()

    def receipt(self, way: str = "net") -> str:
        """The receipt number of an intake that was taken in."""
        self.to_verdict()
        self.step("verdict", {"delivery": way, "parcel_no": "SF0000000001", "verdict": "collect", "again": story.AGAIN})
        with self.world.at(self.node):
            return intake(self.id, story.officer(self.world, MA)).receipt_no
