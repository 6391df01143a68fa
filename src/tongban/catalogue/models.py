# SPDX-License-Identifier: Apache-2.0
"""What may be asked of whom: the basic catalogue, what is known of the national lists, published item versions."""

from functools import cached_property
from typing import Any

from django.db import models

from tongban.catalogue.content import ItemContent, read
from tongban.standards.canonical import parse


class BasicItem(models.Model):
    """The catalogue entry that every level shares (基本目录事项)."""

    code = models.CharField(max_length=12, primary_key=True)
    name = models.TextField()
    item_type = models.TextField()
    demonstration = models.BooleanField(default=False)  # the number is ours: the national one is unknown
    source = models.TextField(blank=True)

    class Meta:
        db_table = "catalogue_basic_item"


class KnownItem(models.Model):
    """An entry of the national lists as far as it is known, with how surely; unknown is empty."""

    number = models.IntegerField(primary_key=True)  # ours; the order of the lists was not seen
    name = models.TextField()
    batch = models.TextField(blank=True)
    batch_basis = models.TextField(blank=True)
    mode = models.TextField(blank=True)
    mode_basis = models.TextField(blank=True)
    lead_department = models.TextField(blank=True)
    lead_basis = models.TextField(blank=True)
    confidence = models.TextField()
    scenario = models.TextField(blank=True)
    source_note = models.TextField(blank=True)
    source_urls = models.TextField(blank=True)  # pages where it was read, a space between

    class Meta:
        db_table = "catalogue_known_item"


class ItemVersion(models.Model):
    """One version of one organization's implementation of an item (实施事项), frozen when published."""

    pk = models.CompositePrimaryKey("task_code", "version")
    task_code = models.CharField(max_length=31)
    version = models.IntegerField()
    publisher = models.CharField(max_length=18)
    publisher_name = models.TextField()
    node_code = models.CharField(max_length=6)  # who vouches for it: the node that published it
    region_code = models.CharField(max_length=12)
    name = models.TextField()
    mode = models.TextField()
    document = models.BinaryField()  # the exact bytes that the digest is of
    digest = models.TextField()
    search_text = models.TextField()
    status = models.TextField()  # published, superseded, withdrawn
    origin = models.TextField()  # own, copy
    published_at = models.DateTimeField()
    effective_from = models.DateField()
    effective_to = models.DateField(null=True)  # last day in force
    fresh_until = models.DateTimeField(null=True)  # of a copy: afterwards a warning stands beside it

    class Meta:
        db_table = "catalogue_item_version"
        indexes = [models.Index(fields=["region_code", "name"], name="catalogue_item_region")]

    @cached_property
    def item(self) -> ItemContent:
        """The content, typed."""
        return read(bytes(self.document))

    @cached_property
    def content(self) -> dict[str, Any]:
        """The content as plain JSON values."""
        value: dict[str, Any] = parse(bytes(self.document))
        return value
