# SPDX-License-Identifier: Apache-2.0
"""What every node knows about the country and the federation: regions, organizations, calendar, trust lists."""

from django.db import models


class Region(models.Model):
    """One administrative division of GB/T 2260, in force or abolished."""

    code = models.CharField(max_length=12, primary_key=True)
    name = models.TextField()
    level = models.SmallIntegerField()  # 0 country, 1 province, 2 city, 3 county
    parent_code = models.CharField(max_length=12, blank=True)
    status = models.TextField()  # active, abolished
    since = models.SmallIntegerField(null=True)  # calendar year; null = unknown or before 1980
    until = models.SmallIntegerField(null=True)
    successor = models.CharField(max_length=12, blank=True)  # a code in force; empty = unknown or divided

    class Meta:
        db_table = "regions_region"
        indexes = [models.Index(fields=["parent_code"], name="regions_region_parent")]


class Organization(models.Model):
    """A body that decides, takes in or runs something; known by its unified social credit code."""

    code = models.CharField(max_length=18, primary_key=True)
    name = models.TextField()
    short_name = models.TextField()
    region_code = models.CharField(max_length=12)
    node_code = models.CharField(max_length=6)
    role_note = models.TextField(blank=True)
    phone = models.TextField(blank=True)
    address = models.TextField(blank=True)
    demonstration = models.BooleanField(default=False)

    class Meta:
        db_table = "regions_organization"
        indexes = [models.Index(fields=["node_code", "region_code"], name="regions_organization_place")]


class CalendarYear(models.Model):
    """How far a year's calendar can be relied on."""

    year = models.SmallIntegerField(primary_key=True)
    provisional = models.BooleanField()  # the State Council's notice for this year is not in it
    source = models.TextField()

    class Meta:
        db_table = "regions_calendar_year"


class CalendarDay(models.Model):
    """A day that differs from its weekday: a holiday, or a weekend day on which people work."""

    date = models.DateField(primary_key=True)
    kind = models.TextField()  # holiday, makeup
    name = models.TextField()
    source = models.TextField()
    provisional = models.BooleanField(default=False)

    class Meta:
        db_table = "regions_calendar_day"


class CalendarOverride(models.Model):
    """A day on which one organization differs from the country, e.g. a local festival."""

    pk = models.CompositePrimaryKey("organization_code", "date")
    organization_code = models.CharField(max_length=18)
    date = models.DateField()
    kind = models.TextField()  # holiday, makeup
    name = models.TextField()
    source = models.TextField()

    class Meta:
        db_table = "regions_calendar_override"


class CalendarChange(models.Model):
    """What an import changed about the days of the country or of one organization. Only ever added."""

    number = models.AutoField(primary_key=True)
    at = models.DateTimeField()
    organization_code = models.CharField(max_length=18, blank=True)  # empty: the country
    source = models.TextField()
    days = models.JSONField()  # day: what it was and what it is, each kind and name, or null
    published_before = models.DateField()  # the last day whose arrangements were known

    class Meta:
        db_table = "regions_calendar_change"


class OpeningHours(models.Model):
    """A week of an organization's opening time, entered as a whole."""

    organization_code = models.CharField(max_length=18, primary_key=True)
    week = models.JSONField()  # seven lists from Monday, each of spans in minutes of the day
    makeup = models.JSONField()  # the spans of a weekend day that is worked
    source = models.TextField()

    class Meta:
        db_table = "regions_opening_hours"


class OpeningException(models.Model):
    """A day on which an organization opens otherwise than its week says; without spans it is closed."""

    pk = models.CompositePrimaryKey("organization_code", "date")
    organization_code = models.CharField(max_length=18)
    date = models.DateField()
    spans = models.JSONField()
    reason = models.TextField()

    class Meta:
        db_table = "regions_opening_exception"


class SignedTrustList(models.Model):
    """One signed trust list, exactly as it was published. Only ever added."""

    serial = models.IntegerField(primary_key=True)
    document = models.BinaryField()
    signature = models.BinaryField()
    algorithm = models.TextField()
    key_id = models.TextField()
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        db_table = "regions_trust_list"
