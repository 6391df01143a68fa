# SPDX-License-Identifier: Apache-2.0
"""How a reminder leaves the node: a text message by the gateway, a letter by the mail server."""

import smtplib
import ssl
from email.message import EmailMessage
from typing import Protocol
from urllib.parse import urlsplit

from tongban.identity.sms import Gateway, NotSent
from tongban.reminders.models import Channel
from tongban.standards.node import Node

ON_THIS_MACHINE = ("127.0.0.1", "localhost", "::1")
PATIENCE = 10.0  # seconds for an answer of the mail server


class Unsure(Exception):
    """The line broke before the answer: it may have been taken, and is not sent again."""


class Sender(Protocol):
    """Carries words to one address, a telephone number or a mailbox."""

    def send(self, address: str, title: str, words: str, name: str) -> None:
        """Hand it over, under the same name the same reminder. NotSent when not taken, Unsure when nobody knows."""


class Sms:
    """Text messages; they have no title."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    def send(self, address: str, title: str, words: str, name: str) -> None:
        self._gateway.send(address, words)


class Mail:
    """Letters by SMTP: smtps://host:port, or smtp://host:port with STARTTLS unless it is this very machine."""

    def __init__(self, server: str, sender: str) -> None:
        self._server, self._sender = urlsplit(server), sender

    def send(self, address: str, title: str, words: str, name: str) -> None:
        if not self._server.hostname:
            raise NotSent("no mail server")
        letter = EmailMessage()
        letter["From"], letter["To"], letter["Subject"] = self._sender, address, title
        letter["Message-ID"] = f"<{name}@{self._sender.partition('@')[2]}>"
        letter.set_content(words)
        try:
            server = self._connected()
        except (OSError, smtplib.SMTPException) as failure:
            raise NotSent(type(failure).__name__) from None  # its text may hold the address
        try:
            server.send_message(letter)
        except (smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused) as no:
            raise NotSent(type(no).__name__) from None
        except (OSError, smtplib.SMTPException) as lost:
            raise Unsure(type(lost).__name__) from None
        finally:
            server.close()

    def _connected(self) -> smtplib.SMTP:
        host, port = self._server.hostname or "", self._server.port or 0
        context = ssl.create_default_context()
        if self._server.scheme == "smtps":
            return smtplib.SMTP_SSL(host, port, timeout=PATIENCE, context=context)
        server = smtplib.SMTP(host, port, timeout=PATIENCE)
        server.ehlo()
        if host not in ON_THIS_MACHINE:  # letters name matters
            server.starttls(context=context)
        return server


def senders(node: Node, gateway: Gateway) -> dict[str, Sender]:
    """What this node can send by."""
    return {Channel.SMS: Sms(gateway), Channel.MAIL: Mail(node.mail_server, node.mail_from)}
