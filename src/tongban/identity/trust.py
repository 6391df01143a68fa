# SPDX-License-Identifier: Apache-2.0
"""What the trust list says about signing in: who may take part, where, and with which key."""

from datetime import datetime

from joserfc.jwk import ECKey, KeySet

from tongban.exchange import keys
from tongban.identity import oidc
from tongban.identity.oidc import Client
from tongban.regions import queries as regions
from tongban.regions.errors import NoNodeForRegion, UnknownNode
from tongban.regions.trustlist import TrustedNode
from tongban.standards.node import here


def address(node: TrustedNode) -> str:
    """The node's issuer identifier."""
    return node.address.rstrip("/")


def own_address() -> str:
    """This node's issuer identifier."""
    return here().address.rstrip("/")


def return_to() -> str:
    """Where people who signed in elsewhere come back to us."""
    return own_address() + oidc.RETURN


def partner(code: str, at: datetime) -> TrustedNode:
    """A node that takes part now. UnknownNode or TrustListExpired when it does not."""
    listed = regions.trust_list()
    listed.require_unexpired(at)
    node = listed.node(code)
    if node.status != "active":
        raise UnknownNode(node=code)
    return node


def partner_at(issuer: str, at: datetime) -> TrustedNode:
    """The node that takes part now under this issuer identifier. UnknownNode or TrustListExpired otherwise."""
    code = next((node.code for node in regions.trust_list().standing() if address(node) == issuer), "")
    return partner(code, at)


def homes(at: datetime) -> list[TrustedNode]:
    """The nodes that can sign people in now, by code; the hub has no people of its own."""
    listed = regions.trust_list()
    return [
        node
        for node in listed.standing()
        if node.status == "active" and node.code != listed.hub and any(node.keys_for("sign_in", at))
    ]


def takes_part(code: str) -> bool:
    """Whether what this node vouched for still counts: it was not suspended and has not left."""
    node = regions.trust_list().nodes.get(code)
    return node is not None and node.status == "active"


def name_of(code: str) -> str:
    """What people call a node, also one that has left."""
    node = regions.trust_list().nodes.get(code)
    return node.name if node else code


def client(node: TrustedNode) -> Client:
    """A node as one that asks us to sign its visitors in."""
    return Client(code=node.code, name=node.name, redirect_uri=address(node) + oidc.RETURN)


def key_set(node: TrustedNode, at: datetime) -> KeySet:
    """The keys this node signs in with now; more than one while they are being changed."""
    return oidc.key_set(key.public_bytes for key in node.keys_for("sign_in", at))


def own_key() -> ECKey:
    """This node's private key for signing in."""
    return oidc.private_key(keys.private("sign_in"))


def speaks_for(code: str, region: str) -> bool:
    """Whether this node is the one that vouches for people of this region."""
    try:
        return regions.trust_list().node_for_region(region).code == code
    except NoNodeForRegion:
        return False


def own_public_keys(at: datetime) -> KeySet:
    """What others check our word with: the keys of ours that are on the trust list."""
    return key_set(regions.trust_list().node(here().code), at)
