# SPDX-License-Identifier: Apache-2.0
"""The diary: one chain of lines for each subject, and the node's Merkle tree over all of them."""

from django.db import models


class Line(models.Model):
    """One thing that happened to one subject. Only ever added; facts live elsewhere and can be erased."""

    pk = models.CompositePrimaryKey("subject", "number")
    subject = models.TextField()
    number = models.BigIntegerField()
    verb = models.TextField()
    at = models.DateTimeField()
    actor = models.TextField()  # pseudonym
    salt = models.BinaryField()
    facts_digest = models.TextField()
    previous = models.TextField()
    digest = models.TextField()

    class Meta:
        db_table = "ledger_line"


class Chain(models.Model):
    """Where the chain of a subject ends, so that the next line needs no search."""

    subject = models.TextField(primary_key=True)
    length = models.BigIntegerField()
    head = models.TextField()

    class Meta:
        db_table = "ledger_chain"


class Pending(models.Model):
    """A line that the tree has not taken in yet; it appears when its transaction commits, never before."""

    pk = models.CompositePrimaryKey("subject", "number")
    subject = models.TextField()
    number = models.BigIntegerField()

    class Meta:
        db_table = "ledger_pending"


class Leaf(models.Model):
    """The place of one line in the tree."""

    position = models.BigIntegerField(primary_key=True)
    subject = models.TextField()
    number = models.BigIntegerField()
    line_digest = models.TextField()

    class Meta:
        db_table = "ledger_leaf"
        constraints = [models.UniqueConstraint(fields=["subject", "number"], name="ledger_leaf_once")]


class Branch(models.Model):
    """The root of a whole subtree of 256 lines or more: proofs need not hash the tree anew."""

    pk = models.CompositePrimaryKey("level", "place")
    level = models.SmallIntegerField()
    place = models.BigIntegerField()
    hash = models.BinaryField()

    class Meta:
        db_table = "ledger_branch"


class Tree(models.Model):
    """The growing edge of the tree: enough to append and to know the root. One row."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    size = models.BigIntegerField(default=0)
    peaks = models.JSONField(default=list)  # hex of the perfect subtrees, largest first
    epoch = models.BigIntegerField(default=1)  # raised when the node comes back from a backup
    after = models.JSONField(null=True)  # then: the head behind which this epoch goes on

    class Meta:
        db_table = "ledger_tree"


class Head(models.Model):
    """A signed statement: this many lines, this root."""

    size = models.BigIntegerField(primary_key=True)
    document = models.BinaryField()  # the exact bytes that were signed
    signature = models.BinaryField()
    key_id = models.TextField()
    suite = models.TextField()
    at = models.DateTimeField()
    epoch = models.BigIntegerField(default=1)

    class Meta:
        db_table = "ledger_head"
