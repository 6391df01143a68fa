# SPDX-License-Identifier: Apache-2.0
"""What may be asked of whom: the basic catalogue, what is known of the national lists, published item versions."""

from functools import cached_property
from typing import Any

from django.db import models
from django.db.models.functions import Substr

from tongban.catalogue import basics
from tongban.catalogue.basics import BasicContent
from tongban.catalogue.content import ItemContent, read
from tongban.catalogue.lists import agreement as agreements
from tongban.catalogue.lists import content as lists
from tongban.catalogue.lists.agreement import Agreement
from tongban.catalogue.lists.content import TongbanList
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
    status = models.TextField()  # a word of `standing.Standing`
    status_reason = models.TextField(blank=True, db_default="")  # why it was suspended, resumed or retired
    status_at = models.DateTimeField(null=True)  # and when; null: nobody has
    origin = models.TextField()  # own, copy
    published_at = models.DateTimeField()
    effective_from = models.DateField()
    effective_to = models.DateField(null=True)  # last day in force
    fresh_until = models.DateTimeField(null=True)  # of a copy: afterwards a warning stands beside it

    class Meta:
        db_table = "catalogue_item_version"
        indexes = [
            models.Index(fields=["region_code", "name"], name="catalogue_item_region"),
            models.Index(Substr("task_code", 20, 12), "status", name="catalogue_item_basic"),
            models.Index(
                fields=["effective_from"], condition=models.Q(status="scheduled"), name="catalogue_item_waits"
            ),
            models.Index(fields=["publisher"], name="catalogue_item_publisher"),
        ]

    @cached_property
    def item(self) -> ItemContent:
        """The content, typed."""
        return read(bytes(self.document))

    @cached_property
    def content(self) -> dict[str, Any]:
        """The content as plain JSON values."""
        value: dict[str, Any] = parse(bytes(self.document))
        return value


class ItemFile(models.Model):
    """A blank form or a sample that an item of this node names by its digest; other nodes send people here for it."""

    digest = models.CharField(max_length=64, primary_key=True)  # SHA-256 of the bytes
    organization = models.CharField(max_length=18)  # who brought it first
    media_type = models.TextField()
    data = models.BinaryField()
    added_at = models.DateTimeField()

    class Meta:
        db_table = "catalogue_item_file"


class SearchName(models.Model):
    """What an item is called anywhere, without its place; the memory of a process reads these and ranks them."""

    name = models.TextField()
    department = models.TextField()
    mode = models.TextField()
    person = models.BooleanField()
    company = models.BooleanField()
    topics = models.TextField(blank=True, db_default="")  # life_event:出生 and the like, a line each

    class Meta:
        db_table = "catalogue_search_name"
        constraints = [
            models.UniqueConstraint(
                fields=["name", "department", "mode", "person", "company", "topics"], name="catalogue_search_name_once"
            )
        ]


class SearchPlace(models.Model):
    """Where a name is handled: one row for each published implementation."""

    task_code = models.CharField(max_length=31, primary_key=True)
    version = models.IntegerField()
    name_id = models.BigIntegerField()
    region_code = models.CharField(max_length=12)

    class Meta:
        db_table = "catalogue_search_place"
        indexes = [
            models.Index(
                fields=["name_id", "region_code"],
                name="catalogue_search_by_name",
                opclasses=["int8_ops", "varchar_pattern_ops"],
            ),
        ]


class SearchCount(models.Model):
    """How many implementations a region has of its own, without those inside it; a trigger keeps it."""

    region_code = models.CharField(max_length=12, primary_key=True)
    items = models.IntegerField()
    person = models.IntegerField()  # of those, how many are for people
    company = models.IntegerField()

    class Meta:
        db_table = "catalogue_search_count"


class SearchPending(models.Model):
    """An item whose versions have changed since it was entered for search; a trigger writes these."""

    task_code = models.CharField(max_length=31)

    class Meta:
        db_table = "catalogue_search_pending"


class BasicVersion(models.Model):
    """One version of what one level lays down for a basic item: frozen, inherited by those inside the region."""

    pk = models.CompositePrimaryKey("code", "region_code", "version")
    code = models.CharField(max_length=12)
    region_code = models.CharField(max_length=12)
    version = models.IntegerField()
    publisher = models.CharField(max_length=18)
    publisher_name = models.TextField()
    node_code = models.CharField(max_length=6)
    document = models.BinaryField()  # the exact bytes that the digest is of
    digest = models.TextField()
    status = models.TextField()  # published, superseded
    origin = models.TextField()  # own, copy
    published_at = models.DateTimeField()
    effective_from = models.DateField()

    class Meta:
        db_table = "catalogue_basic_version"

    @cached_property
    def layer(self) -> BasicContent:
        """The content, typed."""
        return basics.read(bytes(self.document))


class Claim(models.Model):
    """What an organization says of a basic item that its level is to claim: it is ours, or why it is not."""

    pk = models.CompositePrimaryKey("organization", "basic_code")
    organization = models.CharField(max_length=18)
    basic_code = models.CharField(max_length=12)
    region_code = models.CharField(max_length=12)
    standing = models.TextField()  # claimed, declined
    level = models.TextField(blank=True)  # 行使层级
    task_code = models.CharField(max_length=31, blank=True)
    reason = models.TextField(blank=True)
    actor = models.TextField()
    at = models.DateTimeField()

    class Meta:
        db_table = "catalogue_claim"
        indexes = [models.Index(fields=["basic_code", "region_code"], name="catalogue_claim_basic")]


class Draft(models.Model):
    """What becomes the next version of an item or of a basic item, until another person has reviewed it."""

    id = models.UUIDField(primary_key=True)
    kind = models.TextField()  # item, basic
    subject_code = models.CharField(max_length=31)  # 实施编码, or 基本编码 with the region
    basic_code = models.CharField(max_length=12)
    organization = models.CharField(max_length=18)
    region_code = models.CharField(max_length=12)
    base_version = models.IntegerField(null=True)  # what it was begun from; null: nothing published yet
    words = models.JSONField()  # of an item only what is the organization's own
    levels = models.JSONField(default=list)  # of a basic item: who is to claim it
    stage = models.TextField()  # a word of `actions.drafting.Stage`
    revision = models.IntegerField(default=1)
    editors = models.JSONField(default=list)  # pseudonyms: none of them may review
    changed_by = models.TextField()
    note = models.TextField(blank=True)  # what the reviewer said last
    effective_from = models.DateField(null=True)
    begun_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    became_version = models.IntegerField(null=True)

    class Meta:
        db_table = "catalogue_draft"
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "subject_code"],
                condition=models.Q(stage__in=["editing", "in_review"]),
                name="catalogue_draft_open",
            )
        ]
        indexes = [models.Index(fields=["organization", "-changed_at"], name="catalogue_draft_own")]


class ListVersion(models.Model):
    """One version of a publisher's tongban list (通办清单), frozen when published."""

    pk = models.CompositePrimaryKey("publisher", "code", "version")
    publisher = models.CharField(max_length=18)
    code = models.CharField(max_length=40)
    version = models.IntegerField()
    publisher_name = models.TextField()
    node_code = models.CharField(max_length=6)  # who vouches for it
    region_code = models.CharField(max_length=12)
    scope = models.TextField()
    title = models.TextField()
    document = models.BinaryField()  # the exact bytes that the digest is of
    digest = models.TextField()
    status = models.TextField()  # a word of `lists.words.ListStanding`
    status_reason = models.TextField(blank=True)
    origin = models.TextField()  # own, copy
    published_at = models.DateTimeField()
    fresh_until = models.DateTimeField(null=True)  # of a copy: afterwards a warning stands beside it

    class Meta:
        db_table = "catalogue_list_version"
        indexes = [models.Index(fields=["status", "region_code"], name="catalogue_list_status")]

    @cached_property
    def content(self) -> TongbanList:
        """The content, typed."""
        return lists.read(bytes(self.document))


class ListAct(models.Model):
    """One change of how an entry of a list stands; only ever added. The last one of an entry says how it stands."""

    pk = models.CompositePrimaryKey("publisher", "code", "number")
    publisher = models.CharField(max_length=18)
    code = models.CharField(max_length=40)
    number = models.IntegerField()
    entry = models.CharField(max_length=40)
    status = models.TextField()  # a word of `lists.words.EntryStatus`
    reason = models.TextField(blank=True)
    on_day = models.DateField()  # since when it stands so
    actor = models.TextField()
    at = models.DateTimeField()

    class Meta:
        db_table = "catalogue_list_act"


class ListDraft(models.Model):
    """What becomes the next version of a list, until another person has reviewed it."""

    id = models.UUIDField(primary_key=True)
    organization = models.CharField(max_length=18)
    code = models.CharField(max_length=40)
    base_version = models.IntegerField(null=True)
    words = models.JSONField()  # the whole list
    pending = models.JSONField(null=True)  # a file that was checked and is not taken over yet
    stage = models.TextField()  # a word of `stages.Stage`
    revision = models.IntegerField(default=1)
    editors = models.JSONField(default=list)  # pseudonyms: none of them may review
    changed_by = models.TextField()
    note = models.TextField(blank=True)  # what the reviewer said last
    begun_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    became_version = models.IntegerField(null=True)

    class Meta:
        db_table = "catalogue_list_draft"
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "code"],
                condition=models.Q(stage__in=["editing", "in_review"]),
                name="catalogue_list_draft_open",
            )
        ]


class RegionAgreement(models.Model):
    """What two organizations have signed for their regions (点对点), and how it stands."""

    id = models.UUIDField(primary_key=True)
    title = models.TextField()
    handling = models.CharField(max_length=18)
    handling_region = models.CharField(max_length=12)
    intake = models.CharField(max_length=18)
    intake_region = models.CharField(max_length=12)
    document = models.BinaryField()  # the exact bytes that both sides sign
    digest = models.TextField()
    standing = models.TextField()  # a word of `lists.words.AgreementStanding`
    offered_by = models.TextField()  # handling, intake
    reason = models.TextField(blank=True)  # why it was refused or ended
    begins = models.DateField()
    until = models.DateField(null=True)
    ends_on = models.DateField(null=True)  # last day, once notice was given
    signatures = models.JSONField()
    offered_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        db_table = "catalogue_agreement"
        indexes = [
            models.Index(fields=["handling"], name="catalogue_agreement_handling"),
            models.Index(fields=["intake"], name="catalogue_agreement_intake"),
        ]

    @cached_property
    def agreement(self) -> Agreement:
        """The content, typed."""
        return agreements.read(bytes(self.document))


class ItemImport(models.Model):
    """A file of items that an organization hands over: judged, confirmed by a second person, published as a whole."""

    id = models.UUIDField(primary_key=True)
    organization = models.CharField(max_length=18, blank=True)  # empty: the node's own, for all its organizations
    file_name = models.TextField()
    file_digest = models.TextField()
    size = models.BigIntegerField()
    source = models.TextField()  # whose codes stand in it, a word of `standards.enums.Source`
    stage = models.TextField()  # a word of `tables.stages.ImportStage`
    effective_from = models.DateField(null=True)
    done = models.IntegerField(default=0)  # of what the stage does now
    total = models.IntegerField(default=0)
    new = models.IntegerField(default=0)
    changed = models.IntegerField(default=0)
    same = models.IntegerField(default=0)
    claims = models.IntegerField(default=0)  # basic items that are claimed with it
    errors = models.IntegerField(default=0)
    warnings = models.IntegerField(default=0)
    report = models.JSONField(default=list)  # the cells of each fault
    editors = models.JSONField(default=list)  # pseudonyms: none of them may confirm
    begun_by = models.TextField()
    begun_at = models.DateTimeField()
    changed_by = models.TextField()
    changed_at = models.DateTimeField()
    judged_at = models.DateTimeField(null=True)
    laid = models.IntegerField(default=0)  # how many versions of basic items there were then
    confirmed_by = models.TextField(blank=True)  # the pseudonym
    note = models.TextField(blank=True)
    lease = models.DateTimeField(null=True)  # until when a worker has it in hand

    class Meta:
        db_table = "catalogue_import"
        indexes = [
            models.Index(fields=["organization", "-begun_at"], name="catalogue_import_own"),
            models.Index(
                fields=["begun_at"],
                condition=models.Q(stage__in=["waiting", "judging", "confirmed", "telling"]),
                name="catalogue_import_due",
            ),
        ]


class ImportFile(models.Model):
    """The bytes of such a file, for as long as they may be judged again."""

    id = models.UUIDField(primary_key=True)  # of the import
    content = models.BinaryField()

    class Meta:
        db_table = "catalogue_import_file"


class ImportRow(models.Model):
    """An item of such a file that is new or changed, ready to be published."""

    pk = models.CompositePrimaryKey("import_id", "number")
    import_id = models.UUIDField()
    number = models.IntegerField()
    task_code = models.CharField(max_length=31)
    base_version = models.IntegerField()  # what was published last when it was judged; 0: nothing
    level = models.TextField()  # 行使层级 under which it is claimed; empty where it is claimed already
    publisher = models.CharField(max_length=18)
    publisher_name = models.TextField()
    region_code = models.CharField(max_length=12)
    name = models.TextField()
    mode = models.TextField()
    document = models.BinaryField()
    digest = models.TextField()

    class Meta:
        db_table = "catalogue_import_row"
