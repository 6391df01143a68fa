# SPDX-License-Identifier: Apache-2.0
"""Clocks are kept whole, with pauses and extensions; a case keeps what its lines brought about."""

from django.db import migrations, models

# What ran before had a first and a last day; an hour of the first day was not kept.
WORDS = """
UPDATE cases_clock SET
  kind = CASE kind WHEN 'decision' THEN 'promised' ELSE kind END,
  due_at = (due_on + 1)::timestamp AT TIME ZONE 'Asia/Shanghai',
  words = jsonb_build_object(
    'regime', jsonb_build_object(
      'kind', CASE kind WHEN 'decision' THEN 'promised' ELSE kind END,
      'amount', regime -> 'days', 'unit', regime -> 'unit', 'law', regime -> 'law', 'clause', regime -> 'clause',
      'source', regime -> 'source',
      'nature', CASE WHEN kind <> 'decision' AND regime ->> 'law' <> '' THEN 'statutory' ELSE 'promised' END),
    'started_at', to_char(started_on::timestamp AT TIME ZONE 'Asia/Shanghai' AT TIME ZONE 'UTC',
      'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
    'pauses', '[]'::jsonb, 'extensions', '[]'::jsonb,
    'ended_at', to_char(ended_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'))
"""


class Migration(migrations.Migration):
    dependencies = [("cases", "0001_initial")]

    operations = [
        migrations.AddField("case", "progress", models.JSONField(default=dict)),
        migrations.RenameField("clock", "stopped_at", "ended_at"),
        migrations.AddField("clock", "words", models.JSONField(default=dict)),
        migrations.AddField("clock", "due_at", models.DateTimeField(null=True)),
        migrations.AddField("clock", "acted_at", models.DateTimeField(null=True)),
        migrations.RunSQL(WORDS, migrations.RunSQL.noop),
        migrations.RemoveField("clock", "regime"),
        migrations.RemoveField("clock", "started_on"),
        migrations.RemoveField("clock", "due_on"),
        migrations.AlterField("clock", "words", models.JSONField()),
        migrations.AddIndex(
            "clock",
            models.Index(
                fields=["due_at", "kind"], condition=models.Q(ended_at=None, acted_at=None), name="cases_clock_due"
            ),
        ),
    ]
