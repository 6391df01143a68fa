# SPDX-License-Identifier: Apache-2.0
"""Database constraints that Django's models cannot say."""

from django.db import migrations


def child_of(table: str, columns: tuple[str, ...], parent: str, keys: tuple[str, ...]) -> migrations.RunSQL:
    """A reference to a row with a composite key, which Django allows no ForeignKey to.

    Deferred as Django's own are, so that one statement may write parent and child.
    """
    name = f"{table}_{'_'.join(columns)}_fk"
    return migrations.RunSQL(
        sql=(
            f'ALTER TABLE "{table}" ADD CONSTRAINT "{name}" FOREIGN KEY ({", ".join(columns)}) '
            f'REFERENCES "{parent}" ({", ".join(keys)}) DEFERRABLE INITIALLY DEFERRED'
        ),
        reverse_sql=f'ALTER TABLE "{table}" DROP CONSTRAINT "{name}"',
    )


def append_only(table: str) -> migrations.RunSQL:
    """Nobody but the table's owner may change or remove its rows: the running node only adds."""
    grant = "REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM tongban_app"
    return migrations.RunSQL(
        sql=f"""DO $$ BEGIN
            IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'tongban_app') THEN
                EXECUTE '{grant.format(table=table)}';
            END IF;
        END $$""",  # noqa: S608
        reverse_sql=migrations.RunSQL.noop,
    )
