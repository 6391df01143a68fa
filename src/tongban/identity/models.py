# SPDX-License-Identifier: Apache-2.0
"""Who people are here, how they sign in, and what two nodes tell each other about them."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q


class Person(models.Model):
    """A natural person as this node knows them, with or without an account; one row per ID number."""

    id = models.UUIDField(primary_key=True)
    id_type = models.TextField()
    id_index = models.BinaryField(null=True)  # blind index; empty while the number is only self-declared
    id_sealed = models.BinaryField()
    name = models.TextField()
    home_region = models.TextField()  # a field of its own, never read off the ID number
    phone_sealed = models.BinaryField(null=True)
    level = models.SmallIntegerField()  # assurance.Level
    created_at = models.DateTimeField()

    class Meta:
        db_table = "identity_person"
        constraints = [models.UniqueConstraint(fields=["id_type", "id_index"], name="identity_person_once")]


class Account(models.Model):
    """A person who signs in at this node by password."""

    person = models.OneToOneField(Person, models.CASCADE, primary_key=True)
    password_hash = models.TextField()
    changed_at = models.DateTimeField()

    class Meta:
        db_table = "identity_account"


class Login(models.Model):
    """What may be typed as the name of an account: blind index of an ID number or a phone."""

    index = models.BinaryField(primary_key=True)
    account = models.ForeignKey(Account, models.CASCADE)

    class Meta:
        db_table = "identity_login"


class SignIn(models.Model):
    """A way into a person: the node that vouches, and the name it has for them towards us."""

    pk = models.CompositePrimaryKey("issuer", "subject")
    issuer = models.TextField()  # code of the node: addresses move, codes do not
    subject = models.TextField()
    person = models.ForeignKey(Person, models.CASCADE)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()

    class Meta:
        db_table = "identity_sign_in"


class Staff(models.Model):
    """Somebody who works here."""

    id = models.UUIDField(primary_key=True)
    login = models.TextField(unique=True)
    password_hash = models.TextField()
    name = models.TextField()
    organization = models.TextField()  # credit code
    region = models.TextField()
    roles = ArrayField(models.TextField())  # the first is the one they act in unless another is chosen
    created_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "identity_staff"


class Session(models.Model):
    """Somebody signed in in one browser. Only the digest of the cookie is kept."""

    digest = models.BinaryField(primary_key=True)
    person = models.ForeignKey(Person, models.CASCADE, null=True)
    staff = models.ForeignKey(Staff, models.CASCADE, null=True)
    issuer = models.TextField()  # code of the node where the password was typed
    sid = models.TextField(default="", db_default="")  # that node's name for the sign-in; empty for its own people
    level = models.SmallIntegerField()
    began_at = models.DateTimeField()
    ends_at = models.DateTimeField(db_index=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "identity_session"
        constraints = [
            models.CheckConstraint(
                condition=Q(person__isnull=True) ^ Q(staff__isnull=True), name="identity_session_of_one"
            )
        ]
        indexes = [
            models.Index(
                fields=["issuer", "sid"], condition=Q(ended_at=None) & ~Q(sid=""), name="identity_session_sid"
            ),
            models.Index(fields=["person"], condition=Q(ended_at__isnull=True), name="identity_session_open"),
        ]


class Use(models.Model):
    """A session of this node's own people that served at another node, and the name it has there."""

    pk = models.CompositePrimaryKey("session_id", "client")
    session = models.ForeignKey(Session, models.CASCADE)
    client = models.TextField()  # code of the node
    sid = models.TextField(unique=True)
    subject = models.TextField()
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()

    class Meta:
        db_table = "identity_use"


class SignOut(models.Model):
    """Another node is to be told that a sign-in is over; asked again until it answers or the sign-in is old anyway."""

    pk = models.CompositePrimaryKey("ended", "node")
    ended = models.UUIDField()  # one for each session that ended, however many nodes hear of it
    node = models.TextField()  # code of the node to tell
    sid = models.TextField()
    subject = models.TextField(default="")
    created_at = models.DateTimeField()
    ends_at = models.DateTimeField(db_index=True)  # no session there lives longer
    try_at = models.DateTimeField(null=True)  # empty when there is no more to do
    tries = models.SmallIntegerField(default=0)
    told_at = models.DateTimeField(null=True)
    trouble = models.TextField(default="")

    class Meta:
        db_table = "identity_sign_out"
        indexes = [
            models.Index(fields=["node", "try_at"], condition=Q(try_at__isnull=False), name="identity_sign_out_due"),
        ]


class Token(models.Model):
    """Lets a program act for a person or a member of staff. Only the digest is kept."""

    digest = models.BinaryField(primary_key=True)
    person = models.ForeignKey(Person, models.CASCADE, null=True)
    staff = models.ForeignKey(Staff, models.CASCADE, null=True)
    name = models.TextField()  # what it is for, in its owner's words
    scopes = ArrayField(models.TextField())
    created_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "identity_token"
        constraints = [
            models.CheckConstraint(
                condition=Q(person__isnull=True) ^ Q(staff__isnull=True), name="identity_token_of_one"
            )
        ]


EVERYWHERE = "*"


class Consent(models.Model):
    """What a person of this node lets another node know, and the name they have there and nowhere else."""

    pk = models.CompositePrimaryKey("person_id", "client")
    person = models.ForeignKey(Person, models.CASCADE)
    client = models.TextField()  # code of the node; EVERYWHERE for whichever they walk to
    subject = models.TextField(unique=True)  # random, so two nodes cannot compare notes
    claims = ArrayField(models.TextField())
    agreed_at = models.DateTimeField()

    class Meta:
        db_table = "identity_consent"


class PushedRequest(models.Model):
    """What another node asks about whoever will come with this request's name; answered once."""

    digest = models.BinaryField(primary_key=True)
    client = models.TextField()
    asked = models.JSONField()  # checked when it came, and read again with today's rules
    created_at = models.DateTimeField()
    ends_at = models.DateTimeField(db_index=True)
    agreed_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "identity_pushed_request"


class Seen(models.Model):
    """A signed word that may be used once; kept for as long as it would be good."""

    digest = models.BinaryField(primary_key=True)
    ends_at = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "identity_seen"


class AuthorizationCode(models.Model):
    """Given to the browser of a person who signed in here for another node; opens once."""

    digest = models.BinaryField(primary_key=True)
    client = models.TextField()
    redirect_uri = models.TextField()
    challenge = models.TextField()
    nonce = models.TextField()
    person = models.ForeignKey(Person, models.CASCADE)
    session = models.ForeignKey(Session, models.CASCADE, null=True)
    sid = models.TextField(default="", db_default="")
    claims = ArrayField(models.TextField(), default=list, db_default=[])
    subject = models.TextField()
    level = models.SmallIntegerField()
    signed_in_at = models.DateTimeField()
    created_at = models.DateTimeField()
    ends_at = models.DateTimeField(db_index=True)
    used_at = models.DateTimeField(null=True)
    access_digest = models.BinaryField(null=True)
    revoked_at = models.DateTimeField(null=True)  # the code was shown a second time

    class Meta:
        db_table = "identity_authorization_code"


class Attempt(models.Model):
    """Somebody who went to their home node to sign in, from leaving until they are in."""

    class Status(models.TextChoices):
        """Where they are."""

        PUSH = "push"  # the worker tells the home node what we ask
        WAITING = "waiting"  # at the home node, or about to go
        CODE = "code"  # back with a code; the worker asks the home node who it is
        READY = "ready"  # known; the browser may come in
        DONE = "done"
        REFUSED = "refused"

    id = models.UUIDField(primary_key=True)
    state = models.BinaryField(unique=True)  # digest
    browser = models.BinaryField(unique=True)  # digest of the cookie that ties the attempt to one browser
    issuer = models.TextField()  # code of the home node
    nonce = models.TextField()
    verifier = models.TextField()
    redirect_uri = models.TextField()
    next = models.TextField()
    claims = ArrayField(models.TextField(), default=list, db_default=[])
    least = models.SmallIntegerField(default=1, db_default=1)  # assurance.Level
    silent = models.BooleanField(default=False, db_default=False)  # nobody pressed a button: it ends without a word
    afresh = models.BooleanField(default=False, db_default=False)
    request_uri = models.TextField(default="", db_default="")
    went_at = models.DateTimeField(null=True)
    sid = models.TextField(default="", db_default="")
    code = models.TextField(default="")
    status = models.TextField(choices=Status.choices)
    trouble = models.TextField(default="")  # code of the refusal that ended it or delays it
    person = models.ForeignKey(Person, models.CASCADE, null=True)
    level = models.SmallIntegerField(null=True)
    tries = models.SmallIntegerField(default=0)
    try_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    ends_at = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "identity_attempt"
        indexes = [
            models.Index(
                fields=["issuer", "try_at"], condition=Q(status__in=["push", "code"]), name="identity_attempt_asks"
            ),
        ]


class Tries(models.Model):
    """How often a password was tried within a while, counted for one key: see limits.py."""

    key = models.BinaryField(primary_key=True)
    count = models.IntegerField()
    since = models.DateTimeField()
    known_at = models.DateTimeField(null=True)  # when a right password last came this way

    class Meta:
        db_table = "identity_tries"


class Verification(models.Model):
    """A question to the identity source: is this name that number's? Asked by a clerk for who is at the window."""

    class Method(models.TextChoices):
        """How name and number came here, or that a clerk vouches."""

        CARD = "card"  # 读卡
        TYPED = "typed"  # 录入
        MANUAL = "manual"  # the source had no answer; the clerk compared the document

    class State(models.TextChoices):
        """What is known."""

        WAITING = "waiting"  # the worker asks, again and again until ends_at
        MATCH = "match"
        MISMATCH = "mismatch"  # the number is known, under another name
        UNKNOWN = "unknown"  # nobody has this number
        UNAVAILABLE = "unavailable"  # no answer could be had
        MANUAL = "manual"  # a clerk vouches

    id = models.UUIDField(primary_key=True)
    name = models.TextField()
    id_type = models.TextField()
    id_index = models.BinaryField()
    id_sealed = models.BinaryField()
    method = models.TextField(choices=Method.choices)
    source = models.TextField()  # address; empty when nobody could be asked
    state = models.TextField(choices=State.choices)
    trouble = models.TextField(default="")  # why there is no answer: outcomes.Trouble
    clerk = models.UUIDField()  # who asked, or who vouches
    clerk_name = models.TextField()
    organization = models.TextField()  # credit code; only its clerks see the row
    note = models.TextField(default="")  # how the clerk who vouches compared the document
    tries = models.SmallIntegerField(default=0)
    try_at = models.DateTimeField(null=True)
    asked_at = models.DateTimeField()
    ends_at = models.DateTimeField()  # from here on there is no more asking
    answered_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "identity_verification"
        indexes = [
            models.Index(fields=["try_at"], condition=Q(state="waiting"), name="identity_verification_due"),
        ]
