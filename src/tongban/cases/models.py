# SPDX-License-Identifier: Apache-2.0
"""A case and what belongs to it. Everything owned by a case starts its key with case_id."""

from datetime import date

from django.db import models
from django.db.models.fields.json import KT
from django.db.models.lookups import IsNull

OF_APPLICANTS = ("correction", "supplement", "grace", "put_right", "hearing_request", "payment")  # kinds of clock
NEVER = date(9999, 12, 31)  # due when no clock runs: sorts last, and keeps the queue's index whole


class Case(models.Model):
    """One application and its handling, or this node's mirror of one that others handle."""

    id = models.UUIDField(primary_key=True)
    receipt_no = models.TextField()
    project_no = models.TextField(null=True)
    task_code = models.TextField()
    item_version = models.IntegerField()
    item_digest = models.TextField()
    item_name = models.TextField()
    mode = models.TextField()
    delivery = models.TextField(default="net")  # net, post, window: as chosen at intake
    state = models.TextField()
    ended = models.BooleanField(default=False)
    revision = models.IntegerField()  # every act here raises it; an act that read an older one is refused
    applicant_index = models.BinaryField()  # blind index of the applicant's ID number at this node
    applicant_name = models.TextField()
    sealed = models.BinaryField()  # applicant, answers, form, file names: one envelope under the case's key
    chain_length = models.IntegerField()
    chain_digest = models.TextField()
    holder = models.IntegerField()  # number of the party that holds custody
    offered_to = models.IntegerField(null=True)
    holder_organization = models.TextField()  # the desk where it lies: derived from custody, for queues
    submitted_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    due_on = models.DateField()  # the first of the organ's limits that run; NEVER when none does
    progress = models.JSONField(default=dict)  # what the lines brought about beside state, clocks and papers
    disputed = models.BooleanField(default=False)
    licence_number = models.TextField(default="")
    file_digest = models.TextField(default="")
    file_size = models.BigIntegerField(null=True)

    class Meta:
        db_table = "cases_case"
        indexes = [
            models.Index(
                fields=["holder_organization", "due_on", "id"],
                condition=models.Q(ended=False),
                name="cases_queue",
            ),
            models.Index(
                fields=["holder_organization", "state", "due_on", "id"],
                condition=models.Q(ended=False),
                name="cases_queue_state",
            ),
            models.Index(  # queues narrowed to an item, and to what is somebody's own: few rows of a full desk
                fields=["holder_organization", "task_code", "state", "due_on", "id"],
                condition=models.Q(ended=False),
                name="cases_queue_item",
            ),
            models.Index(
                "holder_organization",
                KT("progress__assignee"),
                "state",
                "due_on",
                "id",
                condition=models.Q(IsNull(KT("progress__assignee"), False), ended=False),
                name="cases_queue_mine",
            ),
            models.Index(fields=["applicant_index", "submitted_at"], name="cases_applicant"),
            models.Index(  # of cases that are over, so that no other act keeps it
                fields=["task_code", "submitted_at"], condition=models.Q(ended=True), name="cases_history"
            ),
        ]


class Party(models.Model):
    """An organization with a part in a case; rights come from here, never from two region columns."""

    pk = models.CompositePrimaryKey("case_id", "number")
    case = models.ForeignKey(Case, on_delete=models.DO_NOTHING, db_index=False, related_name="+")
    number = models.IntegerField()
    part = models.TextField()
    organization = models.TextField()
    organization_name = models.TextField()
    region = models.TextField()
    region_name = models.TextField()
    node = models.TextField()
    phone = models.TextField(default="")

    class Meta:
        db_table = "cases_party"
        indexes = [models.Index(fields=["organization", "case"], name="cases_party_organization")]


class Material(models.Model):
    """One file given for a requirement."""

    pk = models.CompositePrimaryKey("case_id", "number")
    case = models.ForeignKey(Case, on_delete=models.DO_NOTHING, db_index=False, related_name="+")
    number = models.IntegerField()
    requirement = models.TextField()
    name = models.TextField()
    media_type = models.TextField()
    size = models.BigIntegerField()
    digest = models.TextField()
    filename = models.BinaryField()  # what the applicant called it is personal: sealed under the case's key
    scanned = models.BooleanField()  # and nothing was found

    class Meta:
        db_table = "cases_material"


class Original(models.Model):
    """One paper original, and who has it now."""

    pk = models.CompositePrimaryKey("case_id", "number")
    case = models.ForeignKey(Case, on_delete=models.DO_NOTHING, db_index=False, related_name="+")
    number = models.IntegerField()
    name = models.TextField()
    holder = models.IntegerField()  # number of the party that has it; 0 = on its way with the courier
    parcel_no = models.TextField(default="")
    changed_at = models.DateTimeField()

    class Meta:
        db_table = "cases_original"


class Event(models.Model):
    """One line of the chain of a case. Only ever added."""

    pk = models.CompositePrimaryKey("case_id", "number")
    case = models.ForeignKey(Case, on_delete=models.DO_NOTHING, db_index=False, related_name="+")
    number = models.IntegerField()
    move = models.TextField()
    state = models.TextField()
    occurred_at = models.DateTimeField()
    received_at = models.DateTimeField()
    node = models.TextField()
    actor = models.TextField()  # pseudonym
    organization_name = models.TextField()
    line = models.BinaryField()  # exact bytes
    digest = models.TextField()
    sealed = models.BinaryField()  # facts and salt, under the case's key
    disputed = models.BooleanField(default=False)

    class Meta:
        db_table = "cases_event"


class Notice(models.Model):
    """The sealed file of a notice that another node gave; its words stand in the line of its move."""

    pk = models.CompositePrimaryKey("case_id", "number")
    case = models.ForeignKey(Case, on_delete=models.DO_NOTHING, db_index=False, related_name="+")
    number = models.TextField()
    node = models.TextField()  # that gave it
    file_digest = models.TextField()
    file_size = models.BigIntegerField()
    told_at = models.DateTimeField()

    class Meta:
        db_table = "cases_notice"


class Untold(models.Model):
    """A line of which people are still to be told; whoever tells them takes it away."""

    pk = models.CompositePrimaryKey("case_id", "number")
    case = models.ForeignKey(Case, on_delete=models.DO_NOTHING, db_index=False, related_name="+")
    number = models.IntegerField()
    at = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "cases_untold"


class Clock(models.Model):
    """A limit that runs or ran."""

    pk = models.CompositePrimaryKey("case_id", "kind")
    case = models.ForeignKey(Case, on_delete=models.DO_NOTHING, db_index=False, related_name="+")
    kind = models.TextField()
    words = models.JSONField()  # the whole clock: regime, start, pauses, extensions, end
    soon_at = models.DateTimeField(null=True)  # from then on it is due soon, and
    due_at = models.DateTimeField(null=True)  # from then on overdue; both null while it is paused
    ended_at = models.DateTimeField(null=True)
    acted_at = models.DateTimeField(null=True)  # when this node saw that it ran out without a consequence

    class Meta:
        db_table = "cases_clock"
        indexes = [
            models.Index(
                fields=["due_at", "kind"],
                condition=models.Q(ended_at=None, acted_at=None),
                name="cases_clock_due",
            ),
            models.Index(  # of limits that people are warned of
                fields=["soon_at"],
                condition=models.Q(ended_at=None, kind__in=OF_APPLICANTS),
                name="cases_clock_warn",
            ),
        ]


class Reckoned(models.Model):
    """A change of days off after which running clocks were told their new dates."""

    number = models.IntegerField(primary_key=True)  # of the change
    at = models.DateTimeField()
    cases = models.IntegerField()  # how many had new dates

    class Meta:
        db_table = "cases_reckoned"


class Request(models.Model):
    """An act asked for at a place that does not hold custody; real when the custodian's event returns."""

    pk = models.CompositePrimaryKey("case_id", "id")
    case = models.ForeignKey(Case, on_delete=models.DO_NOTHING, db_index=False, related_name="+")
    id = models.UUIDField()
    move = models.TextField()
    state = models.TextField()  # submitted, accepted, refused
    asked_at = models.DateTimeField()
    asked_by = models.TextField()  # pseudonym
    asking_node = models.TextField()
    sealed = models.BinaryField()  # the facts, under the case's key
    answer = models.TextField(default="")  # a sentence when refused
    answered_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "cases_request"


class Number(models.Model):
    """A number that opens a case. Its own small table: uniqueness across cases is kept by the value."""

    number = models.TextField(primary_key=True)
    case_id = models.UUIDField()

    class Meta:
        db_table = "cases_number"


class Submission(models.Model):
    """An idempotency key that was used, and for what."""

    key = models.TextField(primary_key=True)
    case_id = models.UUIDField()
    receipt_no = models.TextField()
    digest = models.TextField()
    at = models.DateTimeField()

    class Meta:
        db_table = "cases_submission"


class Latest(models.Model):
    """The last case that one person opened here for one item: whoever opens another has seen this one."""

    key = models.TextField(primary_key=True)  # blind index and task code
    case_id = models.UUIDField()

    class Meta:
        db_table = "cases_latest"


class Signer(models.Model):
    """Somebody who confirms an application beside the applicant; of a draft, and then of the case that it becomes."""

    pk = models.CompositePrimaryKey("case_id", "number")
    case_id = models.UUIDField()
    number = models.IntegerField()
    role = models.TextField()
    person_index = models.BinaryField()  # blind index of their ID number at this node
    sealed = models.BinaryField()  # name, number, why they declined: under the data key
    state = models.TextField()  # asked, confirmed, declined
    digest = models.TextField(default="")  # of what they confirmed; another content is not confirmed
    actor = models.TextField(default="")  # pseudonym
    answered_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "cases_signer"
        indexes = [models.Index(fields=["person_index"], name="cases_signer_person")]


class Attempt(models.Model):
    """One try to have a material in one of the ways that its item leaves open; of a draft, then of its case."""

    pk = models.CompositePrimaryKey("case_id", "number")
    case_id = models.UUIDField()
    number = models.IntegerField()
    requirement = models.TextField()
    way = models.TextField()  # of ways.Way
    source = models.TextField()  # the node that is asked, or the case it is taken from
    outcome = models.TextField()  # met, or the code of why not; empty while it is tried
    question = models.UUIDField(null=True)  # put to the other node
    digest = models.TextField()  # of the file that it brought
    sealed = models.BinaryField()  # what was agreed to and what was answered: under the data key
    begun_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "cases_attempt"
        indexes = [
            models.Index(fields=["begun_at"], condition=models.Q(ended_at=None), name="cases_attempt_open"),
        ]


class Arrival(models.Model):
    """A file of a draft that comes in parts; how far it is the file itself tells."""

    pk = models.CompositePrimaryKey("case_id", "id")
    case_id = models.UUIDField()
    id = models.UUIDField()
    requirement = models.TextField()
    size = models.BigIntegerField()
    sealed = models.BinaryField()  # what the applicant calls it, under the data key
    begun_at = models.DateTimeField()

    class Meta:
        db_table = "cases_arrival"


class Draft(models.Model):
    """An application that is being filled in; its id becomes the case's."""

    id = models.UUIDField(primary_key=True)
    person_id = models.UUIDField()
    task_code = models.TextField()
    item_version = models.IntegerField()
    item_name = models.TextField()
    region_name = models.TextField()
    wrapped = models.BinaryField()  # the data key, which becomes the case's
    sealed = models.BinaryField()  # answers, values, files
    started_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    revision = models.IntegerField(default=0)
    receipt_no = models.TextField(default="")  # once submitted
    device = models.TextField(default="")  # the kind of the one it was last changed on, and no more of it
    step = models.TextField(default="")  # that was last changed: questions, form, materials, signers

    class Meta:
        db_table = "cases_draft"
        indexes = [models.Index(fields=["person_id", "changed_at"], name="cases_draft_person")]
