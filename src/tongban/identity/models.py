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
    created_at = models.DateTimeField()

    level = 1  # no column: what the evidence in force gives, put here by whoever reads it

    class Meta:
        db_table = "identity_person"
        constraints = [models.UniqueConstraint(fields=["id_type", "id_index"], name="identity_person_once")]


class Evidence(models.Model):
    """Why a person stands where they stand: one row for each rise. Their level is the highest that is in force."""

    class Method(models.TextChoices):
        """What proved it."""

        DECLARED = "declared"  # 本人填写
        MATCHED = "matched"  # name and number agree with an authoritative source
        WINDOW = "window"  # a clerk saw the person and the document
        CERTIFICATE = "certificate"
        HOME = "home"  # another node vouches

    id = models.UUIDField(primary_key=True)
    person = models.ForeignKey(Person, models.CASCADE, db_index=False)
    level = models.SmallIntegerField()  # assurance.Level
    method = models.TextField(choices=Method.choices)
    source = models.TextField()  # who says so: a source's address, a node's code, a window's organization
    by = models.TextField(default="")  # pseudonym of the clerk who vouches
    verification = models.UUIDField(null=True)  # the question that it answers
    at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "identity_evidence"
        indexes = [models.Index(fields=["person", "level"], name="identity_evidence_person")]


class Company(models.Model):
    """A legal person as this node knows it, with the legal representative that the register names."""

    id = models.UUIDField(primary_key=True)
    code = models.TextField(unique=True)  # 统一社会信用代码
    name = models.TextField()
    home_region = models.TextField()
    representative_name = models.TextField()
    source = models.TextField()  # of the verification
    verified_at = models.DateTimeField()

    class Meta:
        db_table = "identity_company"


class Mandate(models.Model):
    """Somebody may act for a company or for another person: in what, from when to when, and who said yes to it.

    It stands once both sides have said yes, within its days, until one of them ends it. The agent is known by number,
    so that it can be given to who has never been here.
    """

    class Role(models.TextChoices):
        """What somebody is to whom they act for."""

        REPRESENTATIVE = "representative"  # 法定代表人, by the register
        AGENT = "agent"  # 经办人
        HELPER = "helper"  # 帮办代办
        GUARDIAN = "guardian"  # 监护人

    id = models.UUIDField(primary_key=True)
    role = models.TextField(choices=Role.choices)
    company = models.ForeignKey(Company, models.CASCADE, null=True)
    person = models.ForeignKey(Person, models.CASCADE, null=True)  # who lets somebody act
    agent_index = models.BinaryField()  # blind index of the number of whoever acts
    agent_name = models.TextField()
    agent_sealed = models.BinaryField()  # their number
    items = ArrayField(models.TextField())  # task codes; none: all
    basis = models.TextField(default="")  # what it rests on beside the two words
    begins_on = models.DateField()
    ends_on = models.DateField(null=True)  # the last day
    asked_at = models.DateTimeField()
    granted_at = models.DateTimeField(null=True)  # the yes of whose matters they are
    granted_by = models.TextField(default="")  # pseudonym
    accepted_at = models.DateTimeField(null=True)  # the yes of whoever acts
    ended_at = models.DateTimeField(null=True)
    ended_by = models.TextField(default="")
    issuer = models.TextField(default="", db_default="")  # code of the home node that told of it; empty: given here
    sid = models.TextField(default="", db_default="")  # the sign-in in which it told, and with which it ends
    origin = models.UUIDField(null=True)  # its name at home

    class Meta:
        db_table = "identity_mandate"
        constraints = [
            models.CheckConstraint(
                condition=Q(person__isnull=True) ^ Q(company__isnull=True), name="identity_mandate_of_one"
            )
        ]
        indexes = [models.Index(fields=["agent_index"], name="identity_mandate_agent")]


class Look(models.Model):
    """That a member of staff looked at somebody's data, for what and in which case; once a day for each."""

    pk = models.CompositePrimaryKey("subject_index", "day", "staff", "matter", "purpose")
    subject_index = models.BinaryField()  # blind index of whoever the data is about
    day = models.DateField()
    staff = models.UUIDField()
    matter = models.TextField()  # number of the case; empty where there is none yet
    purpose = models.TextField()
    staff_name = models.TextField()
    organization = models.TextField()  # credit code
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    times = models.IntegerField()

    class Meta:
        db_table = "identity_look"
        indexes = [models.Index(fields=["day"], name="identity_look_day")]  # by which they are removed: looks.KEPT


class Account(models.Model):
    """A person who signs in at this node by password."""

    person = models.OneToOneField(Person, models.CASCADE, primary_key=True)
    password_hash = models.TextField()
    changed_at = models.DateTimeField()
    recovered_at = models.DateTimeField(null=True)  # a text message let them in: see assurance.proven

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
    title = models.TextField(default="", db_default="")  # 岗位
    hall = models.TextField(default="", db_default="")  # 大厅
    password_due = models.BooleanField(default=False, db_default=False)  # somebody else knows it: to be changed first
    created_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "identity_staff"


class Post(models.Model):
    """One more place where a member of staff works, beside the one they were taken on for."""

    id = models.UUIDField(primary_key=True)
    staff = models.ForeignKey(Staff, models.CASCADE)
    organization = models.TextField()  # credit code
    region = models.TextField()
    role = models.TextField()
    title = models.TextField(default="")
    hall = models.TextField(default="")
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "identity_post"


class Leave(models.Model):
    """A member of staff is away, and who stands in for them meanwhile."""

    id = models.UUIDField(primary_key=True)
    staff = models.ForeignKey(Staff, models.CASCADE, related_name="leaves")
    substitute = models.ForeignKey(Staff, models.CASCADE, related_name="stands_in", db_index=False)
    begins_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    told_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)  # back earlier

    class Meta:
        db_table = "identity_leave"
        indexes = [
            models.Index(fields=["substitute"], condition=Q(ended_at__isnull=True), name="identity_leave_stand_in"),
        ]


class Factor(models.Model):
    """What a member of staff has besides the password."""

    class Kind(models.TextChoices):
        """What it is."""

        TOTP = "totp"  # RFC 6238
        PASSKEY = "passkey"  # WebAuthn
        RECOVERY = "recovery"  # written on paper, each good for once

    id = models.UUIDField(primary_key=True)
    staff = models.ForeignKey(Staff, models.CASCADE)
    kind = models.TextField(choices=Kind.choices)
    name = models.TextField(default="")  # in its owner's words
    secret = models.BinaryField(null=True)  # sealed secret of a TOTP; digest of a recovery code
    credential = models.BinaryField(null=True, unique=True)  # a passkey's name for itself
    public = models.BinaryField(null=True)  # a passkey's COSE key
    count = models.BigIntegerField(default=0)  # the last time step that was used; how often a passkey says it signed
    created_at = models.DateTimeField()
    proven_at = models.DateTimeField(null=True)  # a TOTP is asked for from the first right code on
    used_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "identity_factor"


class Step(models.Model):
    """A right password of a member of staff that waits for what else they have to show, in one browser."""

    digest = models.BinaryField(primary_key=True)  # of the cookie
    staff = models.ForeignKey(Staff, models.CASCADE)
    challenge = models.BinaryField()  # what a passkey has to sign
    shown_at = models.DateTimeField(null=True)  # the second factor was right
    created_at = models.DateTimeField()
    ends_at = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "identity_step"


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
    mandate = models.ForeignKey(Mandate, models.SET_NULL, null=True, db_index=False)  # acts for somebody else now
    role = models.TextField(default="", db_default="")  # in which a member of staff acts; empty: their first
    post = models.ForeignKey(Post, models.SET_NULL, null=True, db_index=False)  # where; empty: where they were taken on
    enrols = models.BinaryField(null=True)  # what a new passkey has to sign

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
    role = models.TextField(default="", db_default="")  # in which a member of staff's program acts; empty: their first
    post = models.ForeignKey(Post, models.CASCADE, null=True, db_index=False)  # where; empty: where they were taken on
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


class Challenge(models.Model):
    """What a person's digital certificate has to sign; a newer one takes its place."""

    person = models.OneToOneField(Person, models.CASCADE, primary_key=True)
    word = models.TextField()  # random
    created_at = models.DateTimeField()
    ends_at = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "identity_challenge"


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


class SmsCode(models.Model):
    """A code that was sent to a telephone, good in the browser that asked for it; kept for nobody's number as well."""

    class Purpose(models.TextChoices):
        """What it lets one do."""

        SIGN_IN = "sign_in"
        RECOVER = "recover"
        REGISTER = "register"

    browser = models.BinaryField(primary_key=True)  # digest of the cookie
    purpose = models.TextField(choices=Purpose.choices)
    person = models.ForeignKey(Person, models.CASCADE, null=True)  # empty: nobody's, so no code is right
    code = models.BinaryField()  # keyed digest
    sealed = models.BinaryField(null=True)  # telephone and code for the worker; empty once it is carried
    tries = models.SmallIntegerField(default=0)
    created_at = models.DateTimeField()
    ends_at = models.DateTimeField(db_index=True)
    try_at = models.DateTimeField(null=True)  # empty: nothing to carry
    used_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "identity_sms_code"
        indexes = [models.Index(fields=["try_at"], condition=Q(try_at__isnull=False), name="identity_sms_code_due")]


class Verification(models.Model):
    """A question to the identity source: is this name that number's?

    Asked by a clerk for who is at the window, or by a person about themselves, their company or their child.
    """

    class Purpose(models.TextChoices):
        """What follows from the answer."""

        WINDOW = "window"  # a clerk goes on
        SELF = "self"  # the person's level rises
        COMPANY = "company"  # the company is known here, with its legal representative
        WARD = "ward"  # the guardian acts for the child

    class Method(models.TextChoices):
        """How name and number came here, or that a clerk vouches."""

        CARD = "card"  # 读卡
        TYPED = "typed"  # 录入
        MANUAL = "manual"  # the source had no answer; the clerk compared the document
        SELF = "self"  # 本人在网上填写

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
    purpose = models.TextField(choices=Purpose.choices, default=Purpose.WINDOW, db_default=Purpose.WINDOW)
    person = models.UUIDField(null=True)  # who asked, where it is no clerk
    beside = models.BinaryField(null=True)  # sealed: the legal representative or guardian who belongs to it
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
            models.Index(fields=["id_index"], name="identity_verification_index"),  # moved with the others
            models.Index(fields=["person"], condition=Q(person__isnull=False), name="identity_verification_own"),
        ]
